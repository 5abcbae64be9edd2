// The tile registers of AMX.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace utter {

// Asks the system for the registers. Returns whether the processor multiplies 8-bit tiles, and this process may use them.
bool request_amx();

// Whether a processor with these registers multiplies tiles of bfloat16 too.
bool has_amx_bfloat16();

// Shapes of the registers, as the instruction reads them (Intel's manual, LDTILECFG).
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t column_bytes[16] = {};
  uint8_t rows[16] = {};

  void shape(int tile, int64_t row_count, int64_t bytes) {
    rows[tile] = static_cast<uint8_t>(row_count);
    column_bytes[tile] = static_cast<uint16_t>(bytes);
  }

  // Of this thread, until _tile_release().
  __attribute__((target("amx-tile"))) void load() const {
    // The instruction below is declared to read 8 bytes of it only.
    asm volatile("" : : "r"(this) : "memory");
    _tile_loadconfig(this);
  }
};

}  // namespace utter
