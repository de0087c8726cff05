/* oracle             prints what the hypervisor says, by way of Xen's own headers: a line for each thing, then "end".
                      What the plugin publishes is compared with it, and it is what the plugin's tests replay.
   oracle FILE COPY   waits until the sample page FILE has a new sample, and copies it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#define XC_WANT_COMPAT_DEVICEMODEL_API
#include <xenctrl.h>

enum { MAX_CPUS = 64 };

static void print_host(xc_interface *xen)
{
    xc_physinfo_t info;
    xc_cpuinfo_t idle[MAX_CPUS];
    int cpus = 0;

    memset(&info, 0, sizeof info);
    if (xc_physinfo(xen, &info) == 0)
        printf("physical online_cpus=%u total_pages=%" PRIu64 " free_pages=%" PRIu64 "\n",
               info.nr_cpus, (uint64_t)info.total_pages, (uint64_t)info.free_pages);
    if (xc_getcpuinfo(xen, MAX_CPUS, idle, &cpus))
        return;
    for (int i = 0; i < cpus; i++)
        printf("cpu number=%d idle_ns=%" PRIu64 "\n", i, (uint64_t)idle[i].idletime);
}

static void print_domain(xc_interface *xen, const xc_domaininfo_t *domain)
{
    printf("domain id=%u flags=%u total_pages=%" PRIu64 " cpu_time_ns=%" PRIu64 " online_vcpus=%u max_vcpu_id=%u handle=",
           domain->domain, domain->flags, (uint64_t)domain->tot_pages, (uint64_t)domain->cpu_time, domain->nr_online_vcpus,
           domain->max_vcpu_id);
    for (int i = 0; i < 16; i++)
        printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", domain->handle[i]);
    printf("\n");
    for (uint32_t i = 0; domain->max_vcpu_id != XEN_INVALID_MAX_VCPU_ID && i <= domain->max_vcpu_id; i++) {
        xc_vcpuinfo_t vcpu;
        if (xc_vcpu_getinfo(xen, domain->domain, i, &vcpu) == 0)
            printf("vcpu domain=%u number=%u online=%d blocked=%d cpu_time_ns=%" PRIu64 "\n", domain->domain, i, vcpu.online,
                   vcpu.blocked, (uint64_t)vcpu.cpu_time);
    }
}

static size_t read_page(const char *file, char *page, size_t room)
{
    FILE *opened = fopen(file, "r");
    size_t length = opened ? fread(page, 1, room, opened) : 0;

    if (opened)
        fclose(opened);
    return length;
}

static int wait_for_sample(const char *file, const char *copy)
{
    enum { TIME = 23, TIME_BYTES = 8, POLLS = 400, POLL_US = 100000 };
    static char before[1 << 20], after[1 << 20];
    FILE *opened;
    size_t length = 0;

    memset(before, 0, sizeof before);
    read_page(file, before, sizeof before);
    for (int i = 0; i < POLLS; i++) {
        length = read_page(file, after, sizeof after);
        if (length > TIME + TIME_BYTES && memcmp(before + TIME, after + TIME, TIME_BYTES) != 0)
            break;
        length = 0;
        usleep(POLL_US);
    }
    opened = fopen(copy, "w");
    if (length == 0 || opened == NULL || fwrite(after, 1, length, opened) != length)
        return 1;
    return fclose(opened) != 0;
}

int main(int count_of_arguments, char **arguments)
{
    xc_domaininfo_t domains[16];
    xc_interface *xen;
    int count;

    if (count_of_arguments == 3)
        return wait_for_sample(arguments[1], arguments[2]);
    xen = xc_interface_open(NULL, NULL, 0);
    if (xen == NULL)
        return 1;
    print_host(xen);
    count = xc_domain_getinfolist(xen, 0, 16, domains);
    for (int i = 0; i < count; i++)
        print_domain(xen, &domains[i]);
    printf("end\n");
    xc_interface_close(xen);
    return count < 1;
}
