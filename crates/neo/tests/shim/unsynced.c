/* A disk that keeps what was synced and nothing else. Loaded before libc (LD_PRELOAD): after every fsync and fdatasync
   of a file below $NEO_SHIM_ROOT its whole content is copied below $NEO_SHIM_KEPT; names that go or change do so there
   too. What lies below $NEO_SHIM_KEPT when the process is killed is what a power cut would have left, at its worst.
   With $NEO_SHIM_LIES=n every n-th sync only says that it was done: a lying disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int syncs;

/* The name below the kept folder that stands for `path`, or 0. */
static int kept_name(const char *path, char *out) {
  const char *root = getenv("NEO_SHIM_ROOT"), *kept = getenv("NEO_SHIM_KEPT");
  char absolute[PATH_MAX];
  if (!root || !kept || !path) return 0;
  if (path[0] != '/') {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) return 0;
    if (snprintf(absolute, sizeof absolute, "%s/%s", here, path) >= (int)sizeof absolute) return 0;
    path = absolute;
  }
  size_t n = strlen(root);
  if (strncmp(path, root, n) != 0 || path[n] != '/') return 0;
  return snprintf(out, PATH_MAX, "%s%s", kept, path + n) < PATH_MAX;
}

static void make_parents(const char *name) {
  char dir[PATH_MAX];
  snprintf(dir, sizeof dir, "%s", name);
  for (char *at = dir + 1; *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    mkdir(dir, 0700);
    *at = '/';
  }
}

static void keep(int fd) {
  char link[64], path[PATH_MAX], name[PATH_MAX], whole[PATH_MAX + 16], buffer[65536];
  struct stat info;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return;
  path[n] = 0;
  if (!kept_name(path, name) || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  const char *lies = getenv("NEO_SHIM_LIES");
  int number = atomic_fetch_add(&syncs, 1) + 1;
  if (lies && atoi(lies) > 0 && number % atoi(lies) == 0) return;
  make_parents(name);
  /* Beside the kept folder: a kill leaves it behind. */
  if (snprintf(whole, sizeof whole, "%s.%d.part", getenv("NEO_SHIM_KEPT"), number) >= (int)sizeof whole) abort();
  int to = open(whole, O_WRONLY | O_CREAT | O_TRUNC, 0600), from = fd;
  if (to < 0) abort();
  /* SQLite's own handle reads: closing another one on the same file would drop its locks. One that only writes is no
     handle of SQLite's. */
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) from = open(path, O_RDONLY);
  for (off_t at = 0; (n = pread(from, buffer, sizeof buffer, at)) > 0; at += n)
    if (write(to, buffer, (size_t)n) != n) abort();
  if (n < 0) abort();
  if (from != fd) close(from);
  close(to);
  if (renameat(AT_FDCWD, whole, AT_FDCWD, name) != 0) abort();
}

static int synced(const char *which, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, which);
  int result = real(fd), error = errno;
  if (result == 0) keep(fd);
  errno = error;
  return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }

int unlink(const char *path) {
  int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
  char name[PATH_MAX];
  if (kept_name(path, name)) real(name);
  return real(path);
}

int rmdir(const char *path) {
  int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "rmdir");
  char name[PATH_MAX];
  if (kept_name(path, name)) real(name);
  return real(path);
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  char kept_from[PATH_MAX], kept_to[PATH_MAX];
  int result = real(from, to), error = errno;
  if (result == 0 && kept_name(from, kept_from) && kept_name(to, kept_to)) real(kept_from, kept_to);
  errno = error;
  return result;
}
