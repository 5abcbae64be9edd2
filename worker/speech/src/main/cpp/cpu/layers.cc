#include "layers.h"

#include <algorithm>

namespace utter {

namespace {

Rows<const float> as_const(Rows<float> rows) { return {rows.first, rows.count, rows.stride}; }

}  // namespace

PostAttentionScratch::PostAttentionScratch(int64_t rows, const PostAttention& post)
    : products(rows, std::max({post.output.inputs(), post.gate_up.inputs(), post.down.inputs()})),
      gate_up(new float[rows * post.gate_up.outputs()]) {}

LayerScratch::LayerScratch(int64_t rows, const PackedMatrix& attention, const PostAttention& post)
    : post(rows, post), qkv(new float[rows * attention.outputs()]), attn_output(new float[rows * post.output.inputs()]) {}

void post_attention(Rows<const float> attn_output, const PostAttention& post, Rows<float> x,
                    const PostAttentionScratch& scratch) {
  const Rows<float> gate_up{scratch.gate_up.get(), x.count, post.gate_up.outputs()};
  multiply(Input::kPlain, attn_output, post.output, x, true, scratch.products);
  multiply(Input::kNorm, as_const(x), post.gate_up, gate_up, false, scratch.products);
  multiply(Input::kSiluMul, as_const(gate_up), post.down, x, true, scratch.products);
}

void decoder_layer(Rows<float> x, const DecodePositions& decode, const PackedMatrix& attention, const PostAttention& post,
                   const LayerScratch& scratch) {
  const Rows<float> qkv{scratch.qkv.get(), x.count, attention.outputs()};
  const Rows<float> attn_output{scratch.attn_output.get(), x.count, post.output.inputs()};
  multiply(Input::kNorm, as_const(x), attention, qkv, false, scratch.post.products);
  attend(as_const(qkv), decode, attn_output);
  post_attention(as_const(attn_output), post, x, scratch.post);
}

}  // namespace utter
