/*
 * Stands in for a step of a package and does exactly what it is told (libs/parity/src/feeder).
 *
 * Linux on x86-64 and arm64. It needs neither a C library nor headers, so any C compiler builds it, and nothing of its
 * surroundings: it runs in an empty root. The program that it follows is appended to its own file, which it finds by the
 * path that it was started with. Form of the program, numbers little-endian:
 *
 *     u32 milliseconds that an `i` may take
 *     any number of: u8 operation, u32 argument, and for '1' and '2' as many bytes as the argument says
 *     u32 length of all of this, then the eight bytes "bfeeder1": the end of the file
 *
 *     '1' '2'  write the bytes to that descriptor, in one write(2)
 *     'i'      wait until the reader has taken and handled everything
 *     's'      sleep, microseconds
 *     'c'      close that descriptor
 *     'k' 'l'  send that signal to itself; to its parent
 *     'f'      leave a child behind that keeps the descriptors, for so many microseconds
 *     'x'      exit with that code; 0 at the end of the program
 *
 * What cannot be done is told on standard error and in a file beside its own with ".fault" at the end: exit code 125.
 *
 * When is a reader idle? Drained does not mean handled: a reader that has taken the bytes may still be about to write
 * what it makes of them. So it must be asleep in a call that waits, with every thread of it. Looking at threads one after
 * the other proves nothing if one of them may wake another that was looked at before. Therefore it is looked at twice, and
 * no thread may have been scheduled in between: then there was a moment at which all of them slept.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, CLOSE = 3, MMAP = 9, IOCTL = 16, NANOSLEEP = 35, GETPID = 39, FORK_CLONE = 56, KILL = 62,
       GETPPID = 110, GETDENTS64 = 217, CLOCK_GETTIME = 228, EXIT_GROUP = 231, OPENAT = 257, READLINKAT = 267, STATX = 332 };
/* read, poll, readv, select, pause, accept, recvfrom, recvmsg, wait4, rt_sigtimedwait, rt_sigsuspend, futex, restart_syscall,
   epoll_wait, waitid, pselect6, ppoll, epoll_pwait, accept4, epoll_pwait2, futex_waitv */
static const u32 WAITS[] = { 0, 7, 19, 23, 34, 43, 45, 47, 61, 128, 130, 202, 219, 232, 247, 270, 271, 281, 288, 441, 449 };
static long call(long n, long a, long b, long c, long d, long e, long f)
{
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
__asm__(".text\n.global _start\n_start:\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, CLOSE = 57, MMAP = 222, IOCTL = 29, NANOSLEEP = 101, GETPID = 172, FORK_CLONE = 220, KILL = 129,
       GETPPID = 173, GETDENTS64 = 61, CLOCK_GETTIME = 113, EXIT_GROUP = 94, OPENAT = 56, READLINKAT = 78, STATX = 291 };
/* epoll_pwait, read, readv, pselect6, ppoll, waitid, futex, restart_syscall, rt_sigsuspend, rt_sigtimedwait, accept,
   recvfrom, recvmsg, accept4, wait4, epoll_pwait2, futex_waitv */
static const u32 WAITS[] = { 22, 63, 65, 72, 73, 95, 98, 128, 133, 137, 202, 207, 212, 242, 260, 441, 449 };
static long call(long n, long a, long b, long c, long d, long e, long f)
{
  register long x8 __asm__("x8") = n;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
__asm__(".text\n.global _start\n_start:\n mov x0, sp\n bl begin\n");
#else
#error "the feeder knows x86-64 and arm64"
#endif

enum { FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, FSCONFIG_CREATE = 6 };
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1, O_CREAT = 0100, O_TRUNC = 01000, CLOEXEC = 02000000 };
enum { FIONREAD = 0x541b, EINTR = 4, EBADF = 9, SIGCHLD = 17, AT_EMPTY_PATH = 0x1000, AT_EXECFN = 31 };
enum { S_IFMT = 0170000, S_IFIFO = 0010000, READERS = 8 };

#define CALL(n, a, b, c) call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)

void *memset(void *at, int value, u64 length)
{
  volatile u8 *byte = at;
  while (length--) *byte++ = (u8)value;
  return at;
}

void *memcpy(void *to, const void *from, u64 length)
{
  volatile u8 *target = to;
  const u8 *source = from;
  while (length--) *target++ = *source++;
  return to;
}

static const char *self;
/* The identity of each pipe at the start, 0 for what is none; it stays when the descriptor is closed. */
static u64 pipes[3];
static long readers[READERS];
static int known;
static long proc = -1;
/* What was last found not to be idle, for the message. */
static char why[160];

static u64 length_of(const char *text)
{
  u64 length = 0;
  while (text[length]) length++;
  return length;
}

static char *append(char *at, const char *text)
{
  while (*text) *at++ = *text++;
  *at = 0;
  return at;
}

static char *append_number(char *at, u64 number)
{
  char digits[24];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10); while (number /= 10);
  while (count) *at++ = digits[--count];
  *at = 0;
  return at;
}

__attribute__((noreturn)) static void exit_with(int code)
{
  for (;;) CALL(EXIT_GROUP, code, 0, 0);
}

static void fault(const char *what, const char *detail)
{
  static char text[512], path[4200];
  append(append(append(append(text, what), ": "), detail), "\n");
  if (self && length_of(self) < 4096) {
    append(append(path, self), ".fault");
    long file = call(OPENAT, AT_FDCWD, (long)path, O_CREAT | O_WRONLY | O_TRUNC | CLOEXEC, 0600, 0, 0);
    if (file >= 0) CALL(WRITE, file, text, length_of(text));
  }
  CALL(WRITE, 2, text, length_of(text));
  exit_with(125);
}

static void pause_for(u64 microseconds)
{
  long left[2] = { (long)(microseconds / 1000000), (long)(microseconds % 1000000 * 1000) };
  while (CALL(NANOSLEEP, left, left, 0) == -EINTR) {}
}

static u64 milliseconds_now(void)
{
  long now[2];
  CALL(CLOCK_GETTIME, 1, now, 0);
  return (u64)now[0] * 1000 + (u64)now[1] / 1000000;
}

static long open_in(long directory, const char *path)
{
  return call(OPENAT, directory, (long)path, O_RDONLY | CLOEXEC, 0, 0, 0);
}

/* All of a small file as text; its length, or below 0. */
static long read_text(long directory, const char *path, char *text, long room)
{
  long file = open_in(directory, path);
  long used = 0;
  if (file < 0) return file;
  for (;;) {
    long got = CALL(READ, file, text + used, room - 1 - used);
    if (got == -EINTR) continue;
    if (got <= 0) break;
    used += got;
  }
  CALL(CLOSE, file, 0, 0);
  text[used] = 0;
  return used;
}

static u64 number_at(const char *text)
{
  u64 number = 0;
  while (*text >= '0' && *text <= '9') number = number * 10 + (u64)(*text++ - '0');
  return number;
}

static const char *behind(const char *text, const char *label)
{
  for (; *text; text++) {
    u64 i = 0;
    while (label[i] && text[i] == label[i]) i++;
    if (!label[i]) {
      text += i;
      while (*text == '\t' || *text == ' ') text++;
      return text;
    }
  }
  return 0;
}

/* The /proc of this process's own namespace: one that is mounted, or else one that is made and attached nowhere. */
static void find_proc(void)
{
  char link[24];
  for (int made = 0; made < 2; made++) {
    if (made) {
      long context = CALL(FSOPEN, "proc", 1, 0);
      if (context < 0 || call(FSCONFIG, context, FSCONFIG_CREATE, 0, 0, 0, 0) < 0) break;
      proc = CALL(FSMOUNT, context, 1, 0);
      CALL(CLOSE, context, 0, 0);
    } else {
      proc = open_in(AT_FDCWD, "/proc");
    }
    if (proc < 0) continue;
    long length = call(READLINKAT, proc, (long)"self", (long)link, sizeof link - 1, 0, 0);
    if (length > 0) {
      link[length] = 0;
      if (number_at(link) == (u64)CALL(GETPID, 0, 0, 0)) return;
    }
    CALL(CLOSE, proc, 0, 0);
    proc = -1;
  }
  fault("READER_NOT_IDLE", "there is no /proc, and the privilege to make one is missing: nobody can tell when a reader is idle");
}

struct entry { u64 inode; u64 offset; unsigned short length; u8 type; char name[1]; };

/* Calls `each` for every entry of a directory whose name is a number. */
static void each_number(const char *path, void (*each)(u64 parent, u64 number), u64 parent)
{
  char names[8192] __attribute__((aligned(8)));
  long directory = open_in(proc, path);
  if (directory < 0) return;
  for (;;) {
    long got = CALL(GETDENTS64, directory, names, sizeof names);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      struct entry *found = (struct entry *)(names + at);
      const char *name = names + at + 19;
      at += found->length;
      if (*name >= '0' && *name <= '9') each(parent, number_at(name));
    }
  }
  CALL(CLOSE, directory, 0, 0);
}

static char *process_path(char *path, u64 process, const char *rest)
{
  return append(append_number(path, process), rest);
}

/* A descriptor of another process: whether one of our pipes can be read from it. */
static void look_at_descriptor(u64 process, u64 descriptor)
{
  char path[64], text[512], wanted[48];
  append_number(process_path(path, process, "/fd/"), descriptor);
  long length = call(READLINKAT, proc, (long)path, (long)text, sizeof text - 1, 0, 0);
  if (length < 0) return;
  text[length] = 0;
  for (int i = 1; i <= 2; i++) {
    if (!pipes[i]) continue;
    append(append_number(append(wanted, "pipe:["), pipes[i]), "]");
    const char *hit = behind(text, wanted);
    if (!hit) continue;
    append_number(process_path(path, process, "/fdinfo/"), descriptor);
    if (read_text(proc, path, text, sizeof text) < 0) return;
    const char *flags = behind(text, "flags:");
    if (!flags) return;
    while (flags[1] >= '0' && flags[1] <= '7') flags++;
    if ((*flags & 3) == 1) return; /* it only writes */
    for (int k = 0; k < known; k++) if (readers[k] == (long)process) return;
    if (known < READERS) readers[known++] = (long)process;
    return;
  }
}

static void look_at_process(u64 unused, u64 process)
{
  char path[64];
  (void)unused;
  if ((long)process == CALL(GETPID, 0, 0, 0)) return;
  process_path(path, process, "/fd");
  each_number(path, look_at_descriptor, process);
}

static int is_wait(u64 number)
{
  for (u32 i = 0; i < sizeof WAITS / sizeof *WAITS; i++) if (WAITS[i] == number) return 1;
  return 0;
}

static int all_idle;
static u64 mark;

static void not_idle(u64 process, u64 thread, const char *state, const char *number)
{
  char *at = append(append_number(append(append_number(append(why, "thread "), thread), " of process "), process), " is in state ");
  char word[2] = { *state, 0 };
  at = append(append(at, word), ", call ");
  for (int i = 0; i < 8 && number[i] > ' '; i++) *at++ = number[i];
  *at = 0;
  all_idle = 0;
}

/* One thread of a reader: whether it sleeps in a call that waits; and how often it was scheduled, into `mark`. */
static void look_at_thread(u64 process, u64 thread)
{
  char path[96], status[4096], number[256];
  append(append_number(process_path(path, process, "/task/"), thread), "/status");
  if (read_text(proc, path, status, sizeof status) <= 0) return; /* it has ended */
  append(append_number(process_path(path, process, "/task/"), thread), "/syscall");
  if (read_text(proc, path, number, sizeof number) <= 0) append(number, "unreadable");
  const char *state = behind(status, "\nState:");
  const char *waited = behind(status, "\nvoluntary_ctxt_switches:");
  const char *taken = behind(status, "\nnonvoluntary_ctxt_switches:");
  if (!state || !waited || !taken) return not_idle(process, thread, "?", "?");
  if (*state == 'Z' || *state == 'X') return;
  if (*state != 'S' || *number < '0' || *number > '9' || !is_wait(number_at(number))) return not_idle(process, thread, state, number);
  u64 parts[3] = { thread, number_at(waited), number_at(taken) };
  for (int i = 0; i < 3; i++) mark = (mark ^ parts[i]) * 1099511628211UL;
}

static u64 look_at_readers(void)
{
  char path[64];
  mark = 14695981039346656037UL;
  all_idle = 1;
  for (int i = 0; i < known && all_idle; i++) {
    process_path(path, (u64)readers[i], "/task");
    each_number(path, look_at_thread, (u64)readers[i]);
  }
  return mark;
}

static int is_drained(void)
{
  for (int fd = 1; fd <= 2; fd++) {
    int waiting = 0;
    if (!pipes[fd] || CALL(IOCTL, fd, FIONREAD, &waiting) < 0 || waiting == 0) continue;
    append(append_number(append(append_number(append(why, "descriptor "), (u64)fd), " holds "), (u64)waiting), " bytes that nobody takes");
    return 0;
  }
  return 1;
}

static int is_idle(void)
{
  if (!is_drained()) return 0;
  u64 first = look_at_readers();
  if (!all_idle) return 0;
  if (look_at_readers() != first || !all_idle) return 0;
  return is_drained();
}

static void wait_for_idle(u64 limit)
{
  u64 end = milliseconds_now() + limit;
  u64 nap = 100;
  if (!pipes[1] && !pipes[2]) fault("READER_NOT_IDLE", "neither standard output nor standard error is a pipe, so there is no reader to wait for");
  if (proc < 0) find_proc();
  append(why, "it was never seen asleep twice");
  for (;;) {
    if (!known) each_number(".", look_at_process, 0);
    if (known && is_idle()) return;
    if (!known) append(why, "no process holds the other end of standard output or standard error");
    if (milliseconds_now() > end) fault("READER_NOT_IDLE", why);
    pause_for(nap);
    if (nap < 5000) nap += nap / 2;
  }
}

static u32 u32_at(const u8 *at)
{
  return at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

static u64 word_at(const u8 *at)
{
  return u32_at(at) | (u64)u32_at(at + 4) << 32;
}

/* The statx(2) of an open file: mode, inode and size. 0 when it could be had. */
static int look_up(long fd, u32 *mode, u64 *inode, u64 *size)
{
  u8 found[256];
  if (call(STATX, fd, (long)"", AT_EMPTY_PATH, 0x7ff, (long)found, 0) < 0) return -1;
  *mode = found[28] | (u32)found[29] << 8;
  *inode = word_at(found + 32);
  *size = word_at(found + 40);
  return 0;
}

static void write_at_once(int fd, const u8 *bytes, u32 length)
{
  char text[96];
  long done;
  do done = CALL(WRITE, fd, bytes, length); while (done == -EINTR);
  if (done == (long)length) return;
  char *at = append_number(append(text, "a write to descriptor "), (u64)fd);
  if (done < 0) append_number(append(at, " failed with error "), (u64)-done);
  else append_number(append(append_number(append(at, " took "), (u64)done), " bytes of "), length);
  fault("FEEDER_FAULT", text);
}

static void leave_child(u64 microseconds)
{
  long child = call(FORK_CLONE, SIGCHLD, 0, 0, 0, 0, 0);
  if (child < 0) fault("FEEDER_FAULT", "no child could be started");
  if (child > 0) return;
  pause_for(microseconds);
  exit_with(0);
}

static void follow(const u8 *at, const u8 *end)
{
  u64 limit = u32_at(at);
  for (at += 4; at + 5 <= end;) {
    u8 operation = at[0];
    u32 argument = u32_at(at + 1);
    at += 5;
    switch (operation) {
    case '1':
    case '2':
      write_at_once(operation - '0', at, argument);
      at += argument;
      break;
    case 'i': wait_for_idle(limit); break;
    case 's': pause_for(argument); break;
    case 'c': CALL(CLOSE, argument, 0, 0); break;
    case 'k': CALL(KILL, CALL(GETPID, 0, 0, 0), argument, 0); break;
    case 'l': CALL(KILL, CALL(GETPPID, 0, 0, 0), argument, 0); break;
    case 'f': leave_child(argument); break;
    case 'x': exit_with((int)argument);
    }
  }
  exit_with(0);
}

__attribute__((used)) void begin(u64 *stack)
{
  u64 *at = stack + 1 + stack[0] + 1;
  u32 mode;
  u64 inode, size;
  while (*at++) {}
  for (; at[0]; at += 2) if (at[0] == AT_EXECFN) self = (const char *)at[1];
  for (int fd = 1; fd <= 2; fd++) if (look_up(fd, &mode, &inode, &size) == 0 && (mode & S_IFMT) == S_IFIFO) pipes[fd] = inode;
  long file = self ? open_in(AT_FDCWD, self) : -EBADF;
  if (file < 0 || look_up(file, &mode, &inode, &size) < 0) fault("FEEDER_FAULT", "it cannot open its own file");
  const u8 *image = (const u8 *)call(MMAP, 0, (long)size, 1, 2, file, 0);
  CALL(CLOSE, file, 0, 0);
  if ((u64)image > -4096UL || size < 16 || word_at(image + size - 8) != 0x3172656465656662UL)
    fault("FEEDER_FAULT", "there is no program at the end of its file");
  u32 length = u32_at(image + size - 12);
  if (length < 4 || length > size - 12) fault("FEEDER_FAULT", "the program at the end of its file is damaged");
  follow(image + size - 12 - length, image + size - 12);
}
