#include "amx.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace utter {

namespace {

// Linux gives the tile registers to a process that asks for them (arch_prctl, since 5.16).
constexpr int kRequestPermission = 0x1023;
constexpr int kTileData = 18;

bool has_features(unsigned int bits) {
  unsigned int a;
  unsigned int b;
  unsigned int c;
  unsigned int d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & bits) == bits;
}

}  // namespace

bool request_amx() {
  return has_features(bit_AMX_TILE | bit_AMX_INT8) && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool has_amx_bfloat16() { return has_features(bit_AMX_BF16); }

}  // namespace utter
