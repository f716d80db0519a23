// Threads come from GNU's OpenMP runtime, which oneDNN uses too, so that two pools never compete for the
// cores. It is loaded here, before oneDNN asks for it, because it reads once, when it is loaded, how idle
// threads wait. Its default is to spin for milliseconds: beside another busy process that makes a run ten
// times slower. Going to sleep at once is no answer either: waking takes microseconds, and a small network
// has a layer every ten. So threads spin for a few microseconds, then sleep.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "support.h"

static void (*gomp_parallel)(void (*)(void *), void *, unsigned, unsigned);
static int (*omp_max_threads)(void);
static int (*omp_thread_number)(void);
static void (*omp_set_threads)(int);
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_runtime(void) {
  // What the user has set is respected.
  bool is_set = getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT");
  if (!is_set) setenv("GOMP_SPINCOUNT", "1000", 1);
  void *library = dlopen("libgomp.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!is_set) unsetenv("GOMP_SPINCOUNT");
  if (!library) return;
  omp_max_threads = (int (*)(void))dlsym(library, "omp_get_max_threads");
  omp_set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
  omp_thread_number = (int (*)(void))dlsym(library, "omp_get_thread_num");
  gomp_parallel = (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(library, "GOMP_parallel");
}

int kk_cpu_count(void) {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  int count = CPU_COUNT(&cpus);
  return count > 0 ? count : 1;
}

int kk_thread_count(void) {
  pthread_once(&once, load_runtime);
  return omp_max_threads ? omp_max_threads() : 1;
}

void kk_set_thread_count(int count) {
  pthread_once(&once, load_runtime);
  if (omp_set_threads) omp_set_threads(count);
}

// Chunks that a thread begins with, on a cache line of its own.
typedef struct {
  _Alignas(64) atomic_int next;
  int end;
} share;

typedef struct {
  share *shares;
  int threads;
  kk_body *body;
  void *context;
} job;

// A thread takes the same part of every tensor, as it does in oneDNN: what it wrote in one kernel is in its cache in the
// next, and caches may be far from each other. Then it helps the others: one that lost its core to another process takes
// fewer chunks.
static void work(void *pointer) {
  job *j = pointer;
  int worker = omp_thread_number(), chunk;
  for (int i = 0; i < j->threads; i++) {
    share *s = &j->shares[(worker + i) % j->threads];
    while ((chunk = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed)) < s->end) {
      j->body(j->context, chunk, worker);
    }
  }
}

void kk_parallel(int chunks, kk_body *body, void *context) {
  int threads = chunks > 1 ? kk_thread_count() : 1;
  if (threads > chunks) threads = chunks;
  if (threads <= 1 || !gomp_parallel || !omp_thread_number) {
    for (int i = 0; i < chunks; i++) body(context, i, 0);
    return;
  }
  share shares[threads];
  for (int i = 0; i < threads; i++) {
    atomic_init(&shares[i].next, (int)((long)chunks * i / threads));
    shares[i].end = (int)((long)chunks * (i + 1) / threads);
  }
  job j = {shares, threads, body, context};
  gomp_parallel(work, &j, (unsigned)threads, 0);
}
