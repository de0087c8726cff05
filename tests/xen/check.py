#!/usr/bin/env python3
"""Compares what the plugins published in dom0 with what Xen's own tools, its headers and the kernel say.

usage: check.py RESULTS     prints a line a check, then "N passed, N failed, N skipped"; exit code 1 where one failed

RESULTS is what measure.sh wrote. A moment holds the pages of all plugins, what everybody said before and after they were
written, and, slower, what the tools said afterwards: a total must lie between before and after, a level be the same where
it did not change.
"""
import collections
import json
import math
import os
import re
import struct
import sys
import xml.etree.ElementTree as tree
import zlib

CONTROL = 'vm 0c0d0e0f-1111-4222-8333-444455556666'
PARAVIRTUAL = 'vm a1b2c3d4-0001-4000-8000-000000000011'
HARDWARE = 'vm a1b2c3d4-0002-4000-8000-000000000022'
VMS = {0: CONTROL, 1: PARAVIRTUAL, 2: HARDWARE}
XEN = 'xcp-rrdd-squeezed-xen'
PAGE = 4096

counts = collections.Counter()


def check(what, holds, detail=''):
    counts['passed' if holds else 'failed'] += 1
    print(f"{'ok  ' if holds else 'FAIL'}  {what}{': ' + str(detail) if detail != '' else ''}")


def skip(what, why):
    counts['skipped'] += 1
    print(f'skip  {what}: {why}')


def same(what, ours, theirs):
    check(what, ours == theirs, f'{ours}' if ours == theirs else f'{ours}, expected {theirs}')


def between(what, ours, low, high, slack=1e-9):
    holds = ours is not None and low - slack <= ours <= high + slack
    check(what, holds, f'{low:.9g} <= {ours if ours is None else format(ours, ".9g")} <= {high:.9g}')


def between_later(what, ours, theirs, digit):
    """Of a tool that was asked some seconds later, and rounds to a digit: not less than ours, and not much more."""
    between(what, ours, theirs * 0.7 - digit, theirs + digit)


def group(checks, *moments):
    """Runs checks; a value that is not there ends them, and is a failure."""
    try:
        checks(*moments)
    except (KeyError, StopIteration, TypeError, ValueError, OSError, AssertionError) as e:
        check(f'{checks.__name__} {" ".join(getattr(m, "name", "") for m in moments)}'.strip(), False, repr(e))


def read_page(path):
    """A sample page of version 2, by docs/formats/sample-page.md: time, and by owner and name values and incarnations."""
    raw = open(path, 'rb').read()
    magic, data_sum, metadata_sum, count, time = struct.unpack('>11sIIid', raw[:31])
    assert magic == b'DATASOURCES' and zlib.crc32(raw[23:31 + 8 * count]) == data_sum, f'{path} is no page'
    length, = struct.unpack_from('>i', raw, 31 + 8 * count)
    metadata = raw[35 + 8 * count:35 + 8 * count + length]
    assert zlib.crc32(metadata) == metadata_sum
    members = json.loads(metadata, object_pairs_hook=lambda pairs: pairs)[0][1]
    assert len(members) == count
    values, incarnations = {}, {}
    for i, (name, keys) in enumerate(members):
        keys = dict(keys)
        value, = struct.unpack_from('>q' if keys['value_type'] == 'int64' else '>d', raw, 31 + 8 * i)
        key = keys.get('owner', 'host'), name
        assert key not in values, f'{key} stands twice'
        values[key], incarnations[key] = value, keys.get('incarnation')
    return time, values, incarnations


def read_oracle(path):
    """What the hypervisor says: lines of a word and fields."""
    host, cpus, domains, vcpus = {}, {}, {}, {}
    for line in open(path):
        word, *fields = line.split()
        fields = {name: value if name == 'handle' else int(value) for name, value in (field.split('=') for field in fields)}
        if word == 'physical':
            host = fields
        elif word == 'cpu':
            cpus[fields['number']] = fields
        elif word == 'domain':
            domains[fields['id']] = fields
        elif word == 'vcpu':
            vcpus[fields['domain'], fields['number']] = fields
    return host, cpus, domains, vcpus


def read_table(path):
    """Lines of a key and a value, as sysfs' files, xl info and xenstore-ls -f are written down."""
    pairs = (re.match(r'(\S+)(?: *[:=] *| )(.*)', line) for line in open(path))
    return {pair[1]: pair[2].strip('" ') for pair in pairs if pair}


def read_rows(path):
    """Updates: when each row ends, and columns by owner and name."""
    document = tree.parse(path).getroot()
    entries = [entry.text.split(':', 1)[1] for entry in document.find('meta/legend')]
    ends = [int(row.find('t').text) for row in document.find('data')]
    return ends, dict(zip(entries, zip(*([float(value.text) for value in row.findall('v')] for row in document.find('data')))))


class Moment:
    def __init__(self, results, name):
        self.name, self.folder = name, os.path.join(results, name)
        self.time, self.values, self.incarnations = read_page(os.path.join(self.folder, 'pages', XEN))
        (_, self.cpus_before, self.domains_before, self.vcpus_before) = read_oracle(self.path('before/oracle'))
        (self.host, self.cpus, self.domains, self.vcpus) = read_oracle(self.path('after/oracle'))
        self.counters_before = read_table(self.path('before/counters'))
        self.counters = read_table(self.path('after/counters'))

    def path(self, name):
        return os.path.join(self.folder, name)

    def ours(self, owner, name):
        return self.values.get((owner, name))

    def names(self, owner):
        return sorted(name for of, name in self.values if of == owner)

    def tool(self, name):
        return open(self.path('after/' + name)).read()


def host(moment):
    ours = lambda name: moment.ours('host', name)
    for number, cpu in moment.cpus.items():
        between(f'{moment.name}: host cpu{number}, idle seconds', ours(f'cpu{number}'),
                moment.cpus_before[number]['idle_ns'] / 1e9, cpu['idle_ns'] / 1e9)
    same(f'{moment.name}: host memory_total_kib and the headers', ours('memory_total_kib'), moment.host['total_pages'] * 4)
    between(f'{moment.name}: host memory_free_kib and the headers', ours('memory_free_kib'),
            moment.host['free_pages'] * 4 - 1024, moment.host['free_pages'] * 4 + 1024)
    running = sum(1 for domain in moment.domains.values() if not domain['flags'] & 9)
    same(f'{moment.name}: host running_domains and the headers', ours('running_domains'), running)
    between(f'{moment.name}: host running_vcpus, of those online', ours('running_vcpus'), 1,
            sum(vcpu['online'] for vcpu in moment.vcpus.values()))
    same(f'{moment.name}: host hostload', ours('hostload'), ours('running_vcpus') / moment.host['online_cpus'])


def host_and_tools(moment):
    info = read_table(moment.path('after/xl-info'))
    total, free = int(info['total_memory']), int(info['free_memory'])
    same(f'{moment.name}: memory_total_kib and xl info', moment.ours('host', 'memory_total_kib') // 1024, total)
    between(f'{moment.name}: memory_free_kib and xl info, MiB', moment.ours('host', 'memory_free_kib') / 1024, free - 1, free + 2)
    same(f'{moment.name}: CPUs and xl info', sum(1 for name in moment.names('host') if re.fullmatch(r'cpu\d+', name)),
         int(info['nr_cpus']))
    rows = [line.split() for line in moment.tool('xl-list').splitlines()[1:]]
    same(f'{moment.name}: running_domains and xl list', moment.ours('host', 'running_domains'),
         sum(1 for row in rows if 'p' not in row[4] and 'd' not in row[4]))


def xenstore(moment):
    values = read_table(moment.path('after/xenstore'))
    value = lambda domain, key: int(values.get(f'/local/domain/{domain}/memory/{key}', -1))
    has = lambda domain, *keys: all(value(domain, key) >= 0 for key in keys)
    domains = list(moment.domains)
    same(f'{moment.name}: memory_reclaimed and xenstore', moment.ours('host', 'memory_reclaimed'),
         sum(value(d, 'dynamic-max') - value(d, 'target') for d in domains if has(d, 'dynamic-max', 'target')) * 1024)
    same(f'{moment.name}: memory_reclaimed_max and xenstore', moment.ours('host', 'memory_reclaimed_max'),
         sum(value(d, 'target') - value(d, 'dynamic-min') for d in domains if has(d, 'dynamic-min', 'target')) * 1024)
    for domain in domains:
        target = value(domain, 'target')
        same(f'{moment.name}: {VMS[domain]} memory_target and xenstore', moment.ours(VMS[domain], 'memory_target'),
             target * 1024 if target >= 0 else None)
    free = values.get('/local/domain/1/data/meminfo_free')
    if 1 in domains:
        same(f'{moment.name}: {PARAVIRTUAL} memory_internal_free and xenstore', moment.ours(PARAVIRTUAL, 'memory_internal_free'), int(free))


def vms(moment):
    for number, domain in moment.domains.items():
        owner, before = VMS[number], moment.domains_before.get(number)
        if before is None or domain['flags'] & 1:
            continue
        ours = lambda name: moment.ours(owner, name)
        mask = (1 << 63) - 1
        for vcpu in range(domain['max_vcpu_id'] + 1):
            between(f'{moment.name}: {owner} cpu{vcpu}, seconds', ours(f'cpu{vcpu}'),
                    (moment.vcpus_before[number, vcpu]['cpu_time_ns'] & mask) / 1e9,
                    (moment.vcpus[number, vcpu]['cpu_time_ns'] & mask) / 1e9)
        same(f'{moment.name}: {owner} number of vCPUs', sum(1 for name in moment.names(owner) if re.fullmatch(r'cpu\d+', name)),
             domain['max_vcpu_id'] + 1)
        online = domain['online_vcpus']
        between(f'{moment.name}: {owner} cpu_usage, seconds for each of {online} vCPUs', ours('cpu_usage'),
                (before['cpu_time_ns'] & mask) / 1e9 / online, (domain['cpu_time_ns'] & mask) / 1e9 / online)
        if domain['total_pages'] == before['total_pages']:
            same(f'{moment.name}: {owner} memory and the headers', ours('memory'), domain['total_pages'] * PAGE)
    available = [int(re.search(r'MemAvailable: *(\d+)', open(moment.path(f'{when}/meminfo')).read())[1]) for when in ('before', 'after')]
    between(f'{moment.name}: {CONTROL} memory_internal_free and meminfo', moment.ours(CONTROL, 'memory_internal_free'),
            min(available) - 8192, max(available) + 8192)


def vms_and_tools(moment):
    for line in moment.tool('xl-list').splitlines()[1:]:
        name, number, memory, vcpus, state, seconds, uuid = line.split()[:7]
        if 'd' in state:
            continue
        owner = CONTROL if number == '0' else 'vm ' + uuid
        ours = lambda source: moment.ours(owner, source)
        between(f'{moment.name}: {name} memory and xl list, MiB', ours('memory') / (1 << 20), int(memory) - 1, int(memory) + 1)
        same(f'{moment.name}: {name} vCPUs and xl list', sum(1 for n in moment.names(owner) if re.fullmatch(r'cpu\d+', n)), int(vcpus))
        total = sum(value for (of, n), value in moment.values.items() if of == owner and re.fullmatch(r'cpu\d+', n))
        between_later(f'{moment.name}: {name} CPU seconds and xl list', total, float(seconds), 0.1)
    for line in moment.tool('xl-vcpu-list').splitlines()[1:]:
        fields = line.split()
        owner = VMS[int(fields[1])]
        between_later(f'{moment.name}: {fields[0]} cpu{fields[2]} and xl vcpu-list', moment.ours(owner, 'cpu' + fields[2]), float(fields[5]), 0.1)
    for line in moment.tool('xentop').splitlines()[1:]:
        line = line.split()
        row = dict(zip(['NAME', 'STATE', 'CPU', 'PERCENT', 'MEM'], line))
        owner = {'Domain-0': CONTROL, 'paravirtual': PARAVIRTUAL, 'hardware': HARDWARE}[row['NAME']]
        between(f"{moment.name}: {row['NAME']} memory and xentop, KiB", moment.ours(owner, 'memory') / 1024, int(row['MEM']) - 1024,
                int(row['MEM']) + 1024)
        if row['NAME'] == 'paravirtual':
            xentop_devices(moment, line)


def xentop_devices(moment, line):
    # NETS NETTX NETRX VBDS VBD_OO VBD_RD VBD_WR VBD_RSECT VBD_WSECT SSID; of the network it shows the control domain's end.
    nets, sent, received, _, _, _, _, sectors_read, sectors_written = (int(field) for field in line[-10:-1])
    ours = lambda name: moment.ours(PARAVIRTUAL, name)
    same(f'{moment.name}: interfaces and xentop', sum(1 for n in moment.names(PARAVIRTUAL) if re.fullmatch(r'vif_\d+_rx', n)), nets)
    between_later(f'{moment.name}: vif_0_tx and xentop, KiB', ours('vif_0_tx') / 1024, received, 1)
    between_later(f'{moment.name}: vif_0_rx and xentop, KiB', ours('vif_0_rx') / 1024, sent, 1)
    between_later(f'{moment.name}: vbd_xvda_read and xentop, sectors', ours('vbd_xvda_read') / 512, sectors_read, 0)
    between_later(f'{moment.name}: vbd_xvda_write and xentop, sectors', ours('vbd_xvda_write') / 512, sectors_written, 0)


def devices(moment):
    """The paravirtual guest's disk and interface, and sysfs."""
    vbd = '/sys/bus/xen-backend/devices/vbd-1-51712/statistics/'
    vif = '/sys/class/net/vif1.0/statistics/'
    for name, file, unit in (('vbd_xvda_read', vbd + 'rd_sect', 512), ('vbd_xvda_write', vbd + 'wr_sect', 512),
                             ('vif_0_rx', vif + 'tx_bytes', 1), ('vif_0_tx', vif + 'rx_bytes', 1),
                             ('vif_0_rx_errors', vif + 'tx_errors', 1), ('vif_0_tx_errors', vif + 'rx_errors', 1)):
        between(f'{moment.name}: {name} and {file.split("/")[-1]}', moment.ours(PARAVIRTUAL, name),
                int(moment.counters_before[file]) * unit, int(moment.counters[file]) * unit)


def growth(first, second):
    """Requests since the last sample, and what grew between two moments."""
    vbd = '/sys/bus/xen-backend/devices/vbd-1-51712/statistics/'
    read = second.ours(PARAVIRTUAL, 'vbd_xvda_read') - first.ours(PARAVIRTUAL, 'vbd_xvda_read')
    check('the disk was read between two moments', read > 0, f'{read} bytes')
    for name in ('vif_0_rx', 'vif_0_tx', 'vbd_xvda_write'):
        added = second.ours(PARAVIRTUAL, name) - first.ours(PARAVIRTUAL, name)
        check(f'{name} grew between two moments', added > 0, f'{added} bytes')
    for name, file in (('iops_read', 'rd_req'), ('iops_write', 'wr_req')):
        most = int(second.counters[vbd + file]) - int(first.counters_before[vbd + file])
        between(f'vbd_xvda_{name}: no more requests since the last sample than since the last moment',
                second.ours(PARAVIRTUAL, 'vbd_xvda_' + name), 0, most)
    elapsed = second.time - first.time
    busy = sum(second.ours(owner, f'cpu{n}') - first.ours(owner, f'cpu{n}')
               for owner, cpus in ((CONTROL, 1), (PARAVIRTUAL, 2), (HARDWARE, 1)) for n in range(cpus))
    idle = second.ours('host', 'cpu0') - first.ours('host', 'cpu0')
    between('the one CPU is idle or runs a vCPU: their seconds together and the time that passed', busy + idle, elapsed * 0.9, elapsed * 1.1)


def paused(moment):
    same('a paused VM has its values', moment.names(HARDWARE), ['cpu0', 'cpu_usage', 'memory', 'memory_target'])
    same('and does not run', moment.ours('host', 'running_domains'), len(moment.domains) - 1)


def destroyed(before, moment):
    same('a destroyed VM has no values', moment.names(PARAVIRTUAL), [])
    same('the other VM still has all', moment.names(HARDWARE), before.names(HARDWARE))
    same('the host too', moment.names('host'), before.names('host'))


def hung(before, moment):
    same('without xenstore the host has all but its sums', moment.names('host'),
         [name for name in before.names('host') if not name.startswith('memory_reclaimed')])
    same('without xenstore a VM has all but its target', moment.names(HARDWARE),
         [name for name in before.names(HARDWARE) if name != 'memory_target'])
    between('without xenstore the page goes on, seconds', moment.time - before.time, 1, 600)


def restarted(results, before, moment):
    number, domain = max(moment.domains.items())
    check('the VM that started anew has another domain', number not in before.domains, number)
    same('its counters say so', moment.incarnations[HARDWARE, 'cpu0'], str(number))
    same('those of the VM before said the one before', before.incarnations[HARDWARE, 'cpu0'], '2')
    between('and are those of that domain', moment.ours(HARDWARE, 'cpu0'), 0, moment.vcpus[number, 0]['cpu_time_ns'] / 1e9)
    ends, columns = read_rows(os.path.join(results, 'restarted/rrd_updates'))
    rows = [value for end, value in zip(ends, columns[HARDWARE.replace(' ', ':') + ':cpu0']) if end > before.time - 5]
    if moment.time - before.time > 14:
        skip('rows over the restart', f'{moment.time - before.time:.0f} s without a sample are a silent plugin')
        return
    check('rows over the restart are known, and shares', len(rows) > 1 and all(0 <= row <= 1 for row in rows), rows)


def agent(results):
    """What the agent made of it: rows by its own address."""
    status = json.load(open(os.path.join(results, 'status')))
    text = json.dumps(status)
    for uid in (XEN, 'collector-host'):
        check(f'the agent knows the plugin {uid}', uid in text)
    rows = open(os.path.join(results, 'rrd_updates')).read()
    entries = set(re.findall(r'<entry>AVERAGE:([^<]*)</entry>', rows))
    host_uuid = next((entry.split(':')[1] for entry in entries if entry.startswith('host:')), '')
    for owner, names in ((f'host:{host_uuid}', ['cpu0', 'cpu_avg', 'memory_total_kib', 'memory_free_kib', 'hostload', 'running_vcpus', 'loadavg']),
                         (CONTROL.replace(' ', ':'), ['cpu0', 'cpu_usage', 'memory', 'memory_internal_free']),
                         (PARAVIRTUAL.replace(' ', ':'), ['cpu0', 'cpu1', 'cpu_usage', 'memory', 'memory_target', 'vif_0_rx', 'vif_0_tx',
                                                          'vbd_xvda_read', 'vbd_xvda_write', 'vbd_xvda_iops_total']),
                         (HARDWARE.replace(' ', ':'), ['cpu0', 'cpu_usage', 'memory'])):
        missing = [name for name in names if f'{owner}:{name}' not in entries]
        same(f'the agent records {owner}, {len(names)} of its names', missing, [])
    doubled = [name for name in ('cpu_avg', 'memory_total_kib') if rows.count(f'<entry>AVERAGE:host:{host_uuid}:{name}</entry>') != 1]
    same('host and Xen plugin do not clash', doubled, [])


def rows(results, first, second, last):
    """The rows that the agent kept, five seconds each, newest first."""
    ends, columns = read_rows(os.path.join(results, 'rrd_updates'))
    of = lambda owner, name: columns[next(entry for entry in columns if entry.startswith(owner) and entry.endswith(':' + name))]
    vm = lambda owner, name: of(owner.replace(' ', ':'), name)
    known = lambda column: [value for value in column if not math.isnan(value)]

    for name in ('memory_total_kib', 'memory_reclaimed_max'):
        same(f'the newest row of {name}', known(of('host', name))[0], last.ours('host', name))
    same(f'the newest row of {HARDWARE} memory', known(vm(HARDWARE, 'memory'))[0], last.ours(HARDWARE, 'memory'))
    check('rows of a destroyed VM are unknown', math.isnan(vm(PARAVIRTUAL, 'memory')[0]), vm(PARAVIRTUAL, 'memory')[0])
    for column, what in ((of('host', 'cpu_avg'), 'host cpu_avg'), (vm(CONTROL, 'cpu_usage'), CONTROL + ' cpu_usage')):
        between(f'rows of {what} are shares', min(known(column)), 0, max(known(column)))
        between(f'rows of {what} are shares', max(known(column)), min(known(column)), 1)
    for owner, name in ((PARAVIRTUAL, 'vbd_xvda_read'), (PARAVIRTUAL, 'vif_0_rx'), (PARAVIRTUAL, 'cpu0'), (HARDWARE, 'cpu0')):
        inside = overlapping = 0
        for end, value in zip(ends, vm(owner, name)):
            if end > first.time and end - 5 < second.time and not math.isnan(value):
                overlapping += 5 * value
                inside += 5 * value if end - 5 >= first.time and end <= second.time else 0
        grown = second.ours(owner, name) - first.ours(owner, name)
        between(f'rows of {owner} {name} between two moments, together', grown, inside * 0.98, overlapping * 1.02, slack=0.01)


def sr(moment):
    """The SR is a volume group of its name: what the two plugins say of it, against vgs and lvs."""
    values = {}
    for page in ('collector-lvm-sr', 'collector-physical-utilisation'):
        path = os.path.join(moment.path('pages'), page)
        if not os.path.exists(path):
            check(f'{page} has a page', False, os.listdir(moment.path('pages')))
            continue
        values.update({key: value for key, value in read_page(path)[1].items() if key[0].startswith('sr ')})
    (group, size, free), = [line.split() for line in open(moment.path('after/vgs')) if line.split()[0].startswith('VG_XenStorage-')]
    size, free = int(size), int(free)
    volumes = sum(int(line.split()[2]) for line in open(moment.path('after/lvs')) if line.split()[0] == group)
    owner = 'sr ' + group[len('VG_XenStorage-'):]
    same('all SRs that are reported', sorted({key[0] for key in values}), [owner])
    same('lvm_size and vgs', values.get((owner, 'lvm_size')), size)
    same('lvm_free and vgs', values.get((owner, 'lvm_free')), free)
    between('lvm_utilisation and vgs', values.get((owner, 'lvm_utilisation')), (size - free) / size, (size - free) / size)
    same('lvm_allocation and lvs', values.get((owner, 'lvm_allocation')), volumes)
    same('size and vgs', values.get((owner, 'size')), size)
    same('physical_utilisation and vgs', values.get((owner, 'physical_utilisation')), size - free)
    same('virtual_allocation and lvs', values.get((owner, 'virtual_allocation')), volumes)


def main(results):
    moments = {name: Moment(results, name) for name in ('first', 'second', 'paused', 'destroyed', 'hung', 'recovered', 'restarted')}
    for name in ('first', 'second', 'paused', 'destroyed'):
        for checks in (host, host_and_tools, vms, vms_and_tools, xenstore):
            group(checks, moments[name])
    for name in ('first', 'second', 'paused'):
        group(devices, moments[name])
    group(growth, moments['first'], moments['second'])
    group(paused, moments['paused'])
    group(destroyed, moments['second'], moments['destroyed'])
    group(hung, moments['destroyed'], moments['hung'])
    same('when xenstore is back, everything is', moments['recovered'].names('host'), moments['destroyed'].names('host'))
    group(restarted, results, moments['recovered'], moments['restarted'])
    group(agent, results)
    group(rows, results, moments['first'], moments['second'], moments['destroyed'])
    group(sr, moments['second'])
    check('the plugin takes its page along when the agent ends', not os.path.exists(os.path.join(results, 'left')))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts['failed'] or not counts['passed'] else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
