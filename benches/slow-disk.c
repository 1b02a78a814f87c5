/* A disk as slow as a kiosk's: each fsync and fdatasync takes SLOW_DISK_US microseconds longer.
 *
 * Loaded by LD_PRELOAD into the bench, which measures its floors under it too. One at a time, as a disk
 * has one head or one flash controller. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *text = getenv("SLOW_DISK_US");
    long us = text ? atol(text) : 0;
    struct timespec wait = {us / 1000000, us % 1000000 * 1000};
    pthread_mutex_lock(&disk);
    nanosleep(&wait, NULL);
    int result = real(file);
    pthread_mutex_unlock(&disk);
    return result;
}

int fsync(int file) { return slowly("fsync", file); }

int fdatasync(int file) { return slowly("fdatasync", file); }
