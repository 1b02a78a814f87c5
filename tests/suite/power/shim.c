/* A disk that loses its power, or fails, under one folder: preloaded into a process by the tests.
 *
 * Of every file directly in POWER_FOLDER it keeps, beside what the process sees, what a disk would
 * have after a power cut: an image that only fsync and fdatasync bring up to date, and the folder's
 * names as they were when the folder itself was last synced. No sync reaches the real disk, so that
 * hundreds of them cost nothing. -shm files are made anew by SQLite and are no part of it.
 *
 *   POWER_FOLDER=DIR      which folder; it must exist, written without symbolic links
 *   POWER_CUT=N           at the N-th sync the folder becomes what the disk has, and the process ends (99)
 *   POWER_AFTER=1         ... after the N-th sync instead of before it
 *   POWER_SNAPSHOTS=DIR   before every sync N: what a cut would leave, in DIR/N-lost and DIR/N-torn, and
 *                         the line "sync N" on standard output, in order with the process's own lines
 *   POWER_MODE=torn       of what is not synced a random part is there, by sectors; otherwise none of it
 *   POWER_SEED=S          for torn
 *   POWER_LIES=SUFFIX     syncs of files whose name ends so are acknowledged and not done; "all": of all
 *   POWER_FAULT=WHAT:ERRNO:N:TIMES   the N-th sync or write ("sync", "write") and TIMES in all fail
 *   POWER_FAULT_FILE=PATH while this file exists and says "WHAT ERRNO", all of these fail
 *
 * After a failed sync the pages count as clean, as Linux has it: the next sync does not bring them. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR = 512, FILES_MAX = 4096, NAMES_MAX = 64, OPS_MAX = 256, NAME_MAX_ = 120 };

struct image { unsigned char *data; size_t size, room; };
struct file {
    dev_t dev; ino_t ino; int fd; mode_t mode;
    struct image kept;   /* what was synced */
    struct image leaked; /* and what the disk wrote by itself meanwhile */
    unsigned char *dirty; size_t sectors;
    size_t cut;          /* it was cut to this size since it was last synced, or SIZE_MAX */
    char name[NAME_MAX_];
};
struct names { int count; struct { char name[NAME_MAX_]; int file; } at[NAMES_MAX]; };
/* to = "" for an unlink, from = "" for a creation */
struct op { char from[NAME_MAX_], to[NAME_MAX_]; int file; };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *folder, *snapshots, *lies, *fault_file;
static int is_torn, cut_after;
static long cut_at, syncs, writes_seen, fault_at, fault_times, fault_errno;
static char fault_what[16];
static uint64_t seed = 1;
static struct file files[FILES_MAX];
static int file_count;
static struct names durable, present;
static struct op ops[OPS_MAX];
static int op_count;

static void fail(const char *why) {
    dprintf(2, "shim: %s: %s\n", why, strerror(errno));
    _exit(98);
}
static uint64_t dice(void) {
    seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
    return seed * 2685821657736338717ull >> 11;
}
static int raw_open(const char *path, int flags, int mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

/* The name in the folder, or NULL for every other path. */
static const char *inside(const char *path, char *room) {
    char cwd[PATH_MAX];
    if (!folder || !path) return NULL;
    if (path[0] == '/') snprintf(room, PATH_MAX, "%s", path);
    else if (getcwd(cwd, sizeof cwd)) snprintf(room, PATH_MAX, "%.2000s/%.2000s", cwd, path);
    else return NULL;
    char *slash = strrchr(room, '/');
    size_t length = strlen(folder);
    if ((size_t)(slash - room) != length || strncmp(room, folder, length) || !slash[1]) return NULL;
    size_t name = strlen(slash + 1);
    if (name >= NAME_MAX_ || (name > 4 && !strcmp(slash + 1 + name - 4, "-shm"))) return NULL;
    return slash + 1;
}

static void reserve(struct image *image, size_t size) {
    if (size <= image->room) return;
    size_t room = size * 2 + 65536;
    image->data = realloc(image->data, room);
    if (!image->data) fail("no memory");
    memset(image->data + image->room, 0, room - image->room);
    image->room = room;
}
static size_t size_of(const struct file *file) {
    struct stat about;
    return fstat(file->fd, &about) ? 0 : (size_t)about.st_size;
}
/* Sector `n` as the process sees it, into the image. */
static void bring(struct file *file, struct image *image, size_t n) {
    reserve(image, (n + 1) * SECTOR);
    unsigned char *to = image->data + n * SECTOR;
    ssize_t got = pread(file->fd, to, SECTOR, (off_t)(n * SECTOR));
    if (got < SECTOR) memset(to + (got > 0 ? got : 0), 0, (size_t)(SECTOR - (got > 0 ? got : 0)));
}
static void soil(struct file *file, size_t from, size_t to) {
    size_t last = (to + SECTOR - 1) / SECTOR;
    if (last > file->sectors) {
        file->dirty = realloc(file->dirty, last);
        if (!file->dirty) fail("no memory");
        memset(file->dirty + file->sectors, 0, last - file->sectors);
        file->sectors = last;
    }
    for (size_t n = from / SECTOR; n < last; n++) {
        file->dirty[n] = 1;
        if (dice() % 4 == 0) { /* written back by itself, in no order */
            bring(file, &file->leaked, n);
            size_t end = (n + 1) * SECTOR, now = size_of(file);
            if (end > now) end = now;
            if (end > file->leaked.size) file->leaked.size = end;
        }
    }
}

static struct file *known(int fd) {
    struct stat about;
    if (!folder || fstat(fd, &about) || !S_ISREG(about.st_mode)) return NULL;
    for (int n = 0; n < file_count; n++)
        if (files[n].ino == about.st_ino && files[n].dev == about.st_dev) return &files[n];
    return NULL;
}
static int look_up(const struct names *names, const char *name) {
    for (int n = 0; n < names->count; n++)
        if (!strcmp(names->at[n].name, name)) return n;
    return -1;
}
/* The file opens for good: closing it would drop the process's locks on it. */
static int adopt(const char *path, const char *name, int is_new) {
    struct file *file = &files[file_count];
    if (file_count == FILES_MAX) fail("too many files");
    struct stat about;
    file->fd = raw_open(path, O_RDONLY, 0);
    if (file->fd < 0 || fstat(file->fd, &about)) fail(path);
    file->dev = about.st_dev; file->ino = about.st_ino; file->mode = about.st_mode & 0777;
    snprintf(file->name, NAME_MAX_, "%s", name);
    for (size_t n = 0; !is_new && n * SECTOR < (size_t)about.st_size; n++) {
        bring(file, &file->kept, n);
        bring(file, &file->leaked, n);
    }
    file->kept.size = file->leaked.size = is_new ? 0 : (size_t)about.st_size;
    file->cut = SIZE_MAX;
    return file_count++;
}
static void apply(struct names *names, const struct op *op) {
    int old = look_up(names, op->from[0] ? op->from : op->to);
    if (op->from[0] && old >= 0) names->at[old] = names->at[--names->count];
    if (!op->to[0]) return;
    int at = look_up(names, op->to);
    if (at < 0) at = names->count++;
    if (at >= NAMES_MAX) fail("too many names");
    snprintf(names->at[at].name, NAME_MAX_, "%s", op->to);
    names->at[at].file = op->file;
}
static void note(const char *from, const char *to, int file) {
    if (op_count == OPS_MAX) fail("too many changes of names");
    struct op *op = &ops[op_count++];
    snprintf(op->from, NAME_MAX_, "%s", from);
    snprintf(op->to, NAME_MAX_, "%s", to);
    op->file = file;
    apply(&present, op);
}

/* A file system with a journal has a truncation whole or not at all: what was cut off is all there, or none of
 * it is and zeros are where nothing new was written yet. */
static void put(struct file *file, const char *path, int torn) {
    int is_cut = torn && file->cut != SIZE_MAX, is_kept = is_cut && dice() % 2;
    struct image *base = torn && !is_cut ? &file->leaked : &file->kept;
    size_t now = size_of(file), size = is_cut && !is_kept && file->cut < base->size ? file->cut : base->size;
    int fd = raw_open(path, O_WRONLY | O_CREAT | O_TRUNC, file->mode);
    if (fd < 0) fail(path);
    if (torn && !is_kept && now != size && dice() % 3) size = dice() % 2 ? now : now < size ? now : size + dice() % (now - size);
    size_t step = torn && dice() % 2 ? 8 : 1; /* sectors of 512 or of 4096 */
    int fresh = 0;
    for (size_t n = 0; n * SECTOR < size; n++) {
        unsigned char bytes[SECTOR] = {0};
        int is_old = !is_cut || is_kept || n * SECTOR < file->cut;
        if (n % step == 0) fresh = torn && dice() % 2;
        if (is_kept && n * SECTOR >= file->cut) fresh = 0;
        if (fresh && n < file->sectors && file->dirty[n]) (void)!pread(file->fd, bytes, SECTOR, (off_t)(n * SECTOR));
        else if (is_old && (n + 1) * SECTOR <= base->room) memcpy(bytes, base->data + n * SECTOR, SECTOR);
        size_t length = size - n * SECTOR < SECTOR ? size - n * SECTOR : SECTOR;
        if (syscall(SYS_write, fd, bytes, length) != (ssize_t)length) fail(path);
    }
    syscall(SYS_close, fd);
}
/* What the disk has, into another folder. */
static void leave(const char *where, int torn) {
    struct names names = durable;
    int lasting = torn ? (int)(dice() % (uint64_t)(op_count + 1)) : 0;
    for (int n = 0; n < lasting; n++) apply(&names, &ops[n]);
    for (int n = 0; n < names.count; n++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", where, names.at[n].name);
        put(&files[names.at[n].file], path, torn);
    }
}
static void cut(void) {
    char beside[PATH_MAX + 8], path[PATH_MAX];
    /* What it leaves comes from the files that are there, so they go out of the way by name only. */
    for (int n = 0; n < present.count; n++) {
        snprintf(path, sizeof path, "%s/%s", folder, present.at[n].name);
        syscall(SYS_unlinkat, AT_FDCWD, path, 0);
        snprintf(beside, sizeof beside, "%s-shm", path);
        syscall(SYS_unlinkat, AT_FDCWD, beside, 0);
    }
    leave(folder, is_torn);
    dprintf(2, "shim: the power went at sync %ld\n", syncs);
    _exit(99);
}
static void snapshot(void) {
    for (int torn = 0; torn < 2; torn++) {
        char where[PATH_MAX];
        snprintf(where, sizeof where, "%s/%ld-%s", snapshots, syncs, torn ? "torn" : "lost");
        if (syscall(SYS_mkdirat, AT_FDCWD, where, 0700)) fail(where);
        leave(where, torn);
    }
    char line[64];
    int length = snprintf(line, sizeof line, "\nsync %ld\n", syncs);
    syscall(SYS_write, 1, line, length);
}

/* The error that this sync or write has, or 0. */
static int fault(const char *what, long count) {
    if (!strcmp(fault_what, what) && count >= fault_at && count < fault_at + fault_times) return (int)fault_errno;
    if (!fault_file) return 0;
    char said[64] = {0}, which[16] = {0};
    int number = 0, fd = raw_open(fault_file, O_RDONLY, 0);
    if (fd < 0) return 0;
    (void)!syscall(SYS_read, fd, said, sizeof said - 1);
    syscall(SYS_close, fd);
    return sscanf(said, "%15s %d", which, &number) == 2 && !strcmp(which, what) ? number : 0;
}
static int is_lie(const char *name) {
    size_t length = strlen(name), end = lies ? strlen(lies) : 0;
    return lies && (!strcmp(lies, "all") || (length >= end && !strcmp(name + length - end, lies)));
}
/* With the lock; file is NULL for the folder. */
static int sync_one(struct file *file) {
    syncs++;
    if (snapshots) snapshot();
    if (syncs == cut_at && !cut_after) cut();
    int error = fault("sync", syncs);
    int lost = error || is_lie(file ? file->name : "/");
    if (!file && !lost) {
        for (int n = 0; n < op_count; n++) apply(&durable, &ops[n]);
        op_count = 0;
    }
    for (size_t n = 0; file && n < file->sectors; n++) {
        if (!file->dirty[n]) continue;
        if (!lost) { bring(file, &file->kept, n); bring(file, &file->leaked, n); }
        /* A lying disk still has the pages in its cache, and may write them one day. */
        if (!lost || error) file->dirty[n] = 0;
    }
    if (file && !lost) { file->kept.size = file->leaked.size = size_of(file); file->cut = SIZE_MAX; }
    if (syncs == cut_at && cut_after) cut();
    errno = error;
    return error ? -1 : 0;
}
static int is_folder(int fd) {
    char link[64], path[PATH_MAX];
    struct stat about;
    if (!folder || fstat(fd, &about) || !S_ISDIR(about.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return !strcmp(path, folder);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}
__attribute__((constructor)) static void begin(void) {
    const char *text;
    snapshots = setting("POWER_SNAPSHOTS");
    lies = setting("POWER_LIES");
    fault_file = setting("POWER_FAULT_FILE");
    cut_at = (text = setting("POWER_CUT")) ? atol(text) : 0;
    cut_after = setting("POWER_AFTER") != NULL;
    is_torn = (text = setting("POWER_MODE")) && !strcmp(text, "torn");
    seed = ((text = setting("POWER_SEED")) ? strtoull(text, NULL, 10) : 0) | 1;
    if ((text = setting("POWER_FAULT")) &&
        sscanf(text, "%15[^:]:%ld:%ld:%ld", fault_what, &fault_errno, &fault_at, &fault_times) != 4) fail("POWER_FAULT");
    const char *where = setting("POWER_FOLDER");
    DIR *dir = where ? opendir(where) : NULL;
    if (!dir) { if (where) fail(where); return; }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[PATH_MAX], room[PATH_MAX];
        folder = where;
        snprintf(path, sizeof path, "%s/%s", where, entry->d_name);
        const char *name = inside(path, room);
        if (name && entry->d_type == DT_REG) note("", name, adopt(path, name, 0));
    }
    closedir(dir);
    folder = where;
    durable = present;
    op_count = 0;
}

static int open_any(int at, const char *path, int flags, int mode) {
    char room[PATH_MAX];
    const char *name = at == AT_FDCWD || path[0] == '/' ? inside(path, room) : NULL;
    if (!name || (flags & O_DIRECTORY)) return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&turn);
    int was = look_up(&present, name) >= 0;
    int error = !was && (flags & O_CREAT) ? fault("write", ++writes_seen) : 0;
    int fd = error ? -1 : (int)syscall(SYS_openat, at, path, flags, mode);
    if (error) errno = error;
    struct stat about;
    if (fd >= 0 && !was && !fstat(fd, &about) && S_ISREG(about.st_mode)) note("", name, adopt(path, name, 1));
    if (fd >= 0 && was && (flags & O_TRUNC)) {
        struct file *file = known(fd);
        if (file) {
            soil(file, 0, file->kept.size > file->leaked.size ? file->kept.size : file->leaked.size);
            file->cut = 0;
        }
    }
    int told = errno;
    pthread_mutex_unlock(&turn);
    errno = told;
    return fd;
}
#define MODE(flags) int mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_any(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_any(at, path, flags | O_LARGEFILE, mode); }

/* at = -1: at the file's own place. */
static ssize_t write_any(int fd, const struct iovec *parts, int count, off_t at) {
    struct file *file = known(fd);
    long number = at == -1 ? SYS_writev : SYS_pwritev;
    if (!file) return at == -1 ? syscall(number, fd, parts, count) : syscall(number, fd, parts, count, at, 0);
    pthread_mutex_lock(&turn);
    int error = fault("write", ++writes_seen);
    ssize_t done = -1;
    size_t before = size_of(file);
    if (error) errno = error;
    else done = at == -1 ? syscall(number, fd, parts, count) : syscall(number, fd, parts, count, at, 0);
    if (done > 0) {
        size_t end = at == -1 ? (size_t)lseek(fd, 0, SEEK_CUR) : (size_t)(at + done);
        size_t from = end - (size_t)done;
        soil(file, before < from ? before : from, end);
    }
    int told = errno;
    pthread_mutex_unlock(&turn);
    errno = told;
    return done;
}
ssize_t write(int fd, const void *bytes, size_t length) {
    if (!folder) return syscall(SYS_write, fd, bytes, length);
    return write_any(fd, &(struct iovec){(void *)bytes, length}, 1, -1);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_any(fd, parts, count, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    return write_any(fd, &(struct iovec){(void *)bytes, length}, 1, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return pwrite(fd, bytes, length, at); }

int ftruncate(int fd, off_t size) {
    struct file *file = known(fd);
    if (!file) return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&turn);
    size_t before = size_of(file), now = (size_t)size;
    int done = (int)syscall(SYS_ftruncate, fd, size), told = errno;
    if (!done) soil(file, before < now ? before : now, before < now ? now : before);
    if (!done && now < before && now < file->cut) file->cut = now;
    pthread_mutex_unlock(&turn);
    errno = told;
    return done;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fsync(int fd) {
    struct file *file = known(fd);
    int of_folder = !file && is_folder(fd);
    if (!file && !of_folder) return (int)syscall(SYS_fsync, fd);
    pthread_mutex_lock(&turn);
    int done = sync_one(file), told = errno;
    pthread_mutex_unlock(&turn);
    errno = told;
    return done;
}
int fdatasync(int fd) { return fsync(fd); }

int unlink(const char *path) {
    char room[PATH_MAX];
    const char *name = inside(path, room);
    if (!name) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0), told = errno;
    if (!done) note(name, "", -1);
    pthread_mutex_unlock(&turn);
    errno = told;
    return done;
}
int rename(const char *from, const char *to) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *old = inside(from, one), *fresh = inside(to, two);
    if (!old && !fresh) return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_lock(&turn);
    int at = old ? look_up(&present, old) : -1;
    int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), told = errno;
    if (!done) {
        int file = at >= 0 ? present.at[at].file : fresh ? adopt(to, fresh, 0) : -1;
        note(old ? old : "", fresh ? fresh : "", file);
    }
    pthread_mutex_unlock(&turn);
    errno = told;
    return done;
}
