// Teams of threads that share the chunks of a piece of work.
#pragma once

#include <cstdint>

namespace utter {

// Who computes: the steps of the speech engine, or the passes of the watermark's networks. Each has a team of its own, so that
// neither waits for the other's chunks.
enum class Team { kSteps, kPasses };

// Runs work(context, chunk) for each chunk from 0 to chunks - 1, and returns when all are complete. The calling thread takes
// chunks until none is left, and threads of the team that are free take some too. The calling thread does not wait for a thread
// that has not begun: with all other processors busy, it does the work alone. Chunks may run in any order and at the same time.
//
// If another thread is using the team, all chunks run on the calling thread.
void run_chunks(Team team, int64_t chunks, void (*work)(const void* context, int64_t chunk), const void* context);

template <typename Work>
void for_each_chunk(Team team, int64_t chunks, const Work& work) {
  run_chunks(
      team, chunks, [](const void* context, int64_t chunk) { (*static_cast<const Work*>(context))(chunk); }, &work);
}

// A step's chunks, on the calling thread alone unless the work is worth sharing.
template <typename Work>
void for_each_chunk(int64_t chunks, bool is_shared, const Work& work) {
  if (is_shared) {
    for_each_chunk(Team::kSteps, chunks, work);
    return;
  }
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    work(chunk);
  }
}

// The number of threads, the calling one included, from 1 to kMaxThreads. Threads are started when they are first needed.
constexpr int kMaxThreads = 256;
void set_team_threads(Team team, int threads);
int team_threads(Team team);

}  // namespace utter
