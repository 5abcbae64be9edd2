// Transformer layers with packed matrices.
#pragma once

#include "attention.h"
#include "products.h"

namespace utter {

// What follows the attention in a layer: output projection, gate and up projection in one matrix, down projection.
struct PostAttention {
  PackedMatrix output;
  PackedMatrix gate_up;
  PackedMatrix down;
};

// Memory for up to this number of rows.
struct PostAttentionScratch {
  PostAttentionScratch(int64_t rows, const PostAttention& post);

  Scratch products;
  std::unique_ptr<float[]> gate_up;
};

struct LayerScratch {
  LayerScratch(int64_t rows, const PackedMatrix& attention, const PostAttention& post);

  PostAttentionScratch post;
  std::unique_ptr<float[]> qkv;
  std::unique_ptr<float[]> attn_output;
};

// Adds output projection and MLP to the residual x (rows, width). Each row of x is followed by its eps tail, see Input::kNorm.
void post_attention(Rows<const float> attn_output, const PostAttention& post, Rows<float> x,
                    const PostAttentionScratch& scratch);

// Adds a whole layer to the residual x at these positions. attention: the QKV projection.
void decoder_layer(Rows<float> x, const DecodePositions& decode, const PackedMatrix& attention, const PostAttention& post,
                   const LayerScratch& scratch);

}  // namespace utter
