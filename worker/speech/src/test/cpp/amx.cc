// Executes the tile instructions of AMX on a processor that lacks them. They raise SIGILL there; a handler decodes them and
// does what Intel's Software Developer's Manual, volume 2, says. It is linked into libutter-cpu.so, where it replaces the
// checks for AMX (--wrap). A processor that has AMX executes them itself.
//
// What the manual forbids, such as tiles whose shapes do not fit each other, ends the process with a message.
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Palette 1: the only one there is.
constexpr int kTiles = 8;
constexpr int kMaxRows = 16;
constexpr int kMaxColumnBytes = 64;

struct Tile {
  int rows;
  int column_bytes;
  uint8_t bytes[kMaxRows][kMaxColumnBytes];
};

// The state of a thread.
struct Registers {
  bool configured;
  Tile tiles[kTiles];
};

thread_local Registers registers;
bool is_emulating = false;
int64_t products = 0;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "AMX: %s\n", what);
  std::fflush(nullptr);
  _exit(1);
}

void require(bool holds, const char* rule) {
  if (!holds) {
    fail(rule);
  }
}

// The general-purpose registers, in the order of their numbers.
constexpr int kGeneral[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                            REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

// The prefix that the pp field of VEX stands for.
enum Prefix { kNone, k66, kF3, kF2 };

// An instruction with a VEX prefix of three bytes, of the opcodes 0F 38.
struct Instruction {
  Prefix prefix;
  int opcode;
  // The fields of VEX and ModRM that name registers.
  int vvvv;
  int mod;
  int reg;
  int rm;
  // Of a memory operand: base plus displacement, and the scaled index, 0 without one.
  uint64_t base;
  int64_t index;
  bool has_sib;
  int length;

  bool is_memory() const { return mod != 3; }
  uint8_t* address() const { return reinterpret_cast<uint8_t*>(base); }
};

int32_t displacement(const uint8_t* from, int bytes) {
  if (bytes == 1) {
    return static_cast<int8_t>(*from);
  }
  int32_t number = 0;
  std::memcpy(&number, from, bytes);
  return number;
}

Instruction decode(const uint8_t* at, const gregset_t& general) {
  const auto value = [&](int number) { return static_cast<uint64_t>(general[kGeneral[number]]); };
  // R, X, B and vvvv are stored inverted.
  require(at[0] == 0xc4 && (at[1] & 0x1f) == 2, "SIGILL of an instruction that is none of AMX");
  require((at[2] & 0x84) == 0, "VEX.W and VEX.L must be 0");
  const int r = (at[1] & 0x80) == 0 ? 8 : 0;
  const int x = (at[1] & 0x40) == 0 ? 8 : 0;
  const int b = (at[1] & 0x20) == 0 ? 8 : 0;
  Instruction made{};
  made.prefix = static_cast<Prefix>(at[2] & 3);
  made.vvvv = ~(at[2] >> 3) & 15;
  made.opcode = at[3];
  made.mod = at[4] >> 6;
  made.reg = (at[4] >> 3 & 7) + r;
  made.rm = at[4] & 7;
  made.length = 5;
  if (!made.is_memory()) {
    made.rm += b;
    return made;
  }
  int displacement_bytes = made.mod == 0 ? 0 : made.mod == 1 ? 1 : 4;
  made.has_sib = made.rm == 4;
  int base = made.rm;
  if (made.has_sib) {
    const int sib = at[made.length++];
    const int index = (sib >> 3 & 7) + x;
    // 4: there is no index.
    made.index = index == 4 ? 0 : static_cast<int64_t>(value(index) << (sib >> 6));
    base = sib & 7;
  }
  // Without a base, and without SIB relative to the next instruction.
  const bool is_bare = base == 5 && made.mod == 0;
  displacement_bytes = is_bare ? 4 : displacement_bytes;
  const int64_t distance = displacement_bytes == 0 ? 0 : displacement(at + made.length, displacement_bytes);
  made.length += displacement_bytes;
  if (!is_bare) {
    made.base = value(base + b);
  } else if (!made.has_sib) {
    made.base = reinterpret_cast<uint64_t>(at) + made.length;
  }
  made.base += distance;
  return made;
}

Tile& tile(int number) {
  require(number < kTiles, "there are 8 tiles");
  require(registers.configured, "the tiles are not configured");
  Tile& found = registers.tiles[number];
  require(found.rows > 0 && found.column_bytes > 0, "the tile has no shape");
  return found;
}

// LDTILECFG: the tiles become zero.
void configure(const uint8_t* from) {
  uint8_t config[64];
  std::memcpy(config, from, sizeof(config));
  std::memset(&registers, 0, sizeof(registers));
  if (config[0] == 0) {
    return;
  }
  require(config[0] == 1, "the palette must be 0 or 1");
  // Other values continue an instruction that was interrupted.
  require(config[1] == 0, "the start row must be 0");
  for (int i = 2; i < 64; i++) {
    const bool is_reserved = i < 16 || (i >= 32 && i < 48) || i >= 56;
    require(!is_reserved || config[i] == 0, "reserved bytes of the configuration must be 0");
  }
  for (int i = 0; i < kTiles; i++) {
    Tile& made = registers.tiles[i];
    made.column_bytes = config[16 + 2 * i] | config[17 + 2 * i] << 8;
    made.rows = config[48 + i];
    require(made.column_bytes <= kMaxColumnBytes && made.rows <= kMaxRows, "a tile has up to 16 rows of 64 bytes");
    require((made.column_bytes == 0) == (made.rows == 0), "rows and bytes of a tile must both be 0, or neither");
  }
  registers.configured = true;
}

void load(Tile* to, const uint8_t* from, int64_t stride) {
  std::memset(to->bytes, 0, sizeof(to->bytes));
  for (int row = 0; row < to->rows; row++) {
    std::memcpy(to->bytes[row], from + row * stride, to->column_bytes);
  }
}

void store(const Tile& from, uint8_t* to, int64_t stride) {
  for (int row = 0; row < from.rows; row++) {
    std::memcpy(to + row * stride, from.bytes[row], from.column_bytes);
  }
}

int32_t number(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

// Of products to += a b; a has groups of four bytes in rows, b in columns.
void require_shapes(const Tile* to, const Tile& a, const Tile& b) {
  require(to != &a && to != &b && &a != &b, "the three tiles must differ");
  require(to->column_bytes % 4 == 0 && a.column_bytes % 4 == 0 && b.column_bytes % 4 == 0, "rows must hold groups of 4 bytes");
  require(to->rows == a.rows, "the sums must have as many rows as the first factor");
  require(to->column_bytes == b.column_bytes, "the sums must have as many columns as the second factor");
  require(a.column_bytes / 4 == b.rows, "the first factor must have as many columns as the second one has rows");
}

void finish_product(Tile* to) {
  std::memset(to->bytes[to->rows], 0, (kMaxRows - to->rows) * kMaxColumnBytes);
  __atomic_fetch_add(&products, 1, __ATOMIC_RELAXED);
}

// TDPBSSD and its like: groups of four numbers. Sums wrap around.
void multiply(Tile* to, const Tile& a, bool a_is_signed, const Tile& b, bool b_is_signed) {
  require_shapes(to, a, b);
  for (int row = 0; row < to->rows; row++) {
    for (int column = 0; column < to->column_bytes / 4; column++) {
      uint32_t sum;
      std::memcpy(&sum, to->bytes[row] + 4 * column, sizeof(sum));
      for (int group = 0; group < b.rows; group++) {
        for (int i = 0; i < 4; i++) {
          sum += static_cast<uint32_t>(number(a.bytes[row][4 * group + i], a_is_signed) *
                                       number(b.bytes[group][4 * column + i], b_is_signed));
        }
      }
      std::memcpy(to->bytes[row] + 4 * column, &sum, sizeof(sum));
    }
  }
  finish_product(to);
}

// Denormals are zeros, of inputs and of results.
float flushed(float number) { return std::fpclassify(number) == FP_SUBNORMAL ? std::copysign(0.f, number) : number; }

// The upper half of a float.
float bfloat16(const uint8_t* from) {
  float number;
  const uint8_t bytes[4] = {0, 0, from[0], from[1]};
  std::memcpy(&number, bytes, sizeof(number));
  return flushed(number);
}

// TDPBF16PS: groups of two numbers. The first ones have a sum, the second ones have another one.
__attribute__((target("fma"))) void multiply_bfloat16(Tile* to, const Tile& a, const Tile& b) {
  require_shapes(to, a, b);
  for (int row = 0; row < to->rows; row++) {
    for (int column = 0; column < to->column_bytes / 4; column++) {
      float sums[2] = {0, 0};
      for (int group = 0; group < b.rows; group++) {
        for (int i = 0; i < 2; i++) {
          sums[i] = flushed(std::fma(bfloat16(a.bytes[row] + 4 * group + 2 * i), bfloat16(b.bytes[group] + 4 * column + 2 * i),
                                     sums[i]));
        }
      }
      float sum;
      std::memcpy(&sum, to->bytes[row] + 4 * column, sizeof(sum));
      sum = flushed(flushed(sum) + flushed(sums[0] + sums[1]));
      std::memcpy(to->bytes[row] + 4 * column, &sum, sizeof(sum));
    }
  }
  finish_product(to);
}

// Opcode 49.
void execute_configuration(const Instruction& given) {
  if (given.prefix == kNone && given.reg == 0 && given.is_memory()) {
    configure(given.address() + given.index);
  } else if (given.prefix == kNone && given.reg == 0 && given.rm == 0) {
    std::memset(&registers, 0, sizeof(registers));
  } else if (given.prefix == kF2 && !given.is_memory() && given.rm == 0) {
    Tile& zeroed = tile(given.reg);
    std::memset(zeroed.bytes, 0, sizeof(zeroed.bytes));
  } else {
    fail("an instruction 49 that is not known");
  }
}

// Opcode 4B.
void execute_move(const Instruction& given) {
  require(given.has_sib, "the memory operand must have an SIB byte");
  if (given.prefix == kF2 || given.prefix == k66) {
    load(&tile(given.reg), given.address(), given.index);
  } else if (given.prefix == kF3) {
    store(tile(given.reg), given.address(), given.index);
  } else {
    fail("an instruction 4B that is not known");
  }
}

// Opcode 5E.
void execute_product(const Instruction& given) {
  require(!given.is_memory(), "the factors must be tiles");
  const bool a_is_signed = given.prefix == kF2 || given.prefix == kF3;
  const bool b_is_signed = given.prefix == kF2 || given.prefix == k66;
  multiply(&tile(given.reg), tile(given.rm), a_is_signed, tile(given.vvvv), b_is_signed);
}

// Opcode 5C.
void execute_bfloat16_product(const Instruction& given) {
  require(!given.is_memory(), "the factors must be tiles");
  require(given.prefix == kF3, "an instruction 5C that is not known");
  multiply_bfloat16(&tile(given.reg), tile(given.rm), tile(given.vvvv));
}

void execute(int, siginfo_t*, void* context) {
  gregset_t& general = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const Instruction given = decode(reinterpret_cast<const uint8_t*>(general[REG_RIP]), general);
  require(given.opcode == 0x5e || given.opcode == 0x5c || given.vvvv == 0, "VEX.vvvv must be unused");
  if (given.opcode == 0x49) {
    execute_configuration(given);
  } else if (given.opcode == 0x4b) {
    execute_move(given);
  } else if (given.opcode == 0x5e) {
    execute_product(given);
  } else if (given.opcode == 0x5c) {
    execute_bfloat16_product(given);
  } else {
    fail("SIGILL of an instruction that is none of AMX");
  }
  general[REG_RIP] += given.length;
}

}  // namespace

extern "C" {

// utter::request_amx() and utter::has_amx_bfloat16(), as they are.
bool __real__ZN5utter11request_amxEv();
bool __real__ZN5utter16has_amx_bfloat16Ev();

// In their place.

bool __wrap__ZN5utter11request_amxEv() {
  if (__real__ZN5utter11request_amxEv()) {
    return true;
  }
  struct sigaction action {};
  action.sa_sigaction = &execute;
  action.sa_flags = SA_SIGINFO;
  is_emulating = sigaction(SIGILL, &action, nullptr) == 0;
  return is_emulating;
}

bool __wrap__ZN5utter16has_amx_bfloat16Ev() { return is_emulating || __real__ZN5utter16has_amx_bfloat16Ev(); }

// Products of tiles that were emulated until now.
__attribute__((visibility("default"))) int64_t emulated_tile_products() { return __atomic_load_n(&products, __ATOMIC_RELAXED); }

}  // extern "C"
