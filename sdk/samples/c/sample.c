/* One data source of each kind, on libc alone: a page of version 2 (docs/formats/sample-page.md), which the agent finds by itself.
   make, and the folder is a plugin folder. */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    STEP = 5,                  /* seconds; the agent reads 2 s after each multiple */
    SAMPLE_NS = 1500000000,    /* this long after the multiple: half a second before the reading */
    SOURCES = 3,
    VALUES_AT = 31,
    METADATA_AT = VALUES_AT + 8 * SOURCES + 4,
    MOST_METADATA = 1024,
};

static volatile sig_atomic_t is_asked_to_stop;

static void stop(int signal_number)
{
    (void)signal_number;
    is_asked_to_stop = 1;
}

static uint32_t crc32(const unsigned char *bytes, size_t length)
{
    uint32_t crc = ~0u;
    while (length-- > 0) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void put32(unsigned char *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static void put64(unsigned char *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

static void put_double(unsigned char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put64(at, bits);
}

/* NaN, which is unknown, where there is no number. */
static double read_level(void)
{
    double level = __builtin_nan("");
    FILE *file = fopen("level", "r");
    if (file != NULL) {
        if (fscanf(file, "%lf", &level) != 1)
            level = __builtin_nan("");
        fclose(file);
    }
    return level;
}

/* Puts a sample into the page, whose metadata is there already. */
static void sample(unsigned char *page)
{
    struct timespec now, up;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    put_double(page + 23, now.tv_sec + now.tv_nsec / 1e9);
    put_double(page + VALUES_AT, read_level());
    put64(page + VALUES_AT + 8, (uint64_t)up.tv_sec * 100 + up.tv_nsec / 10000000);
    put64(page + VALUES_AT + 16, (uint64_t)1 << 40);
    put32(page + 11, crc32(page + 23, 8 + 8 * SOURCES));
}

static size_t begin(unsigned char *page, const char *sr)
{
    int length = snprintf((char *)page + METADATA_AT, MOST_METADATA,
        "{\"datasources\":{"
        "\"c_level\":{\"owner\":\"host\",\"value_type\":\"float\",\"type\":\"gauge\",\"units\":\"Cel\",\"default\":\"true\"},"
        "\"c_total\":{\"owner\":\"host\",\"value_type\":\"int64\",\"type\":\"derive\",\"min\":\"0\",\"units\":\"ticks/s\",\"default\":\"true\"},"
        "\"c_size\":{\"owner\":\"sr %s\",\"value_type\":\"int64\",\"type\":\"gauge\",\"units\":\"B\",\"default\":\"true\"}}}", sr);
    if (length >= MOST_METADATA) {
        fputs("the uuid of the SR is too long\n", stderr);
        exit(78);
    }
    memcpy(page, "DATASOURCES", 11);
    put32(page + 15, crc32(page + METADATA_AT, length));
    put32(page + 19, SOURCES);
    put32(page + METADATA_AT - 4, length);
    return METADATA_AT + length;
}

/* The page appears when it is whole; the name with .tmp is not looked at. */
static int create(const char *path, const unsigned char *page, size_t length)
{
    char unfinished[4096];
    snprintf(unfinished, sizeof unfinished, "%s.tmp", path);
    int file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, page, length) != (ssize_t)length || rename(unfinished, path) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

/* By the wall clock, so that a clock that was set is followed. */
static void wait_for_sample(void)
{
    struct timespec due;
    clock_gettime(CLOCK_REALTIME, &due);
    int64_t now = (int64_t)due.tv_sec * 1000000000 + due.tv_nsec;
    int64_t step = (int64_t)STEP * 1000000000;
    int64_t next = ((now - SAMPLE_NS) / step + 1) * step + SAMPLE_NS;
    due.tv_sec = next / 1000000000;
    due.tv_nsec = next % 1000000000;
    while (!is_asked_to_stop && clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &due, NULL) == EINTR)
        ;
}

int main(int count, char **arguments)
{
    unsigned char page[METADATA_AT + MOST_METADATA];
    char path[4000];
    const char *root = getenv("COLLECTOR_AGENT_ROOT");
    if (count != 2) {
        fputs("usage: sample SR-UUID\n", stderr);
        return 78;
    }
    snprintf(path, sizeof path, "%s/dev/shm/metrics/sample-c", root == NULL ? "" : root);
    struct sigaction action = { .sa_handler = stop };
    sigaction(SIGTERM, &action, NULL);
    size_t length = begin(page, arguments[1]);
    sample(page);
    int file = create(path, page, length);
    while (wait_for_sample(), !is_asked_to_stop) {
        sample(page);
        if (pwrite(file, page, length, 0) != (ssize_t)length)
            perror(path);
    }
    unlink(path);
    return 0;
}
