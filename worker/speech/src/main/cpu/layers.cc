#include "layers.h"

#include <algorithm>

namespace utter {

namespace {

Rows<const float> read(Rows<float> rows) {
  return {rows.first, rows.count, rows.apart};
}

}  // namespace

RestRoom::RestRoom(int64_t rows, const Rest& rest)
    : products(rows, std::max({rest.output.inputs, rest.both.inputs, rest.down.inputs})),
      both(new float[rows * rest.both.outputs]) {}

LayerRoom::LayerRoom(int64_t rows, const Matrix& attention, const Rest& rest)
    : rest(rows, rest),
      attended(new float[rows * attention.outputs]),
      heard(new float[rows * rest.output.inputs]) {}

void finish(Rows<const float> heard, const Rest& rest, Rows<float> x, const RestRoom& room) {
  const Rows<float> both{room.both.get(), x.count, rest.both.outputs};
  multiply(Input::kPlain, heard, rest.output, x, true, room.products);
  multiply(Input::kNormed, read(x), rest.both, both, false, room.products);
  multiply(Input::kGated, read(both), rest.down, x, true, room.products);
}

void decode(Rows<float> x, const Place& place, const Matrix& attention, const Rest& rest, const LayerRoom& room) {
  const Rows<float> attended{room.attended.get(), x.count, attention.outputs};
  const Rows<float> heard{room.heard.get(), x.count, rest.output.inputs};
  multiply(Input::kNormed, read(x), attention, attended, false, room.rest.products);
  attend(read(attended), place, heard);
  finish(read(heard), rest, x, room.rest);
}

}  // namespace utter
