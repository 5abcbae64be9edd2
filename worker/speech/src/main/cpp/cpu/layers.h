// Transformer layers with 8-bit matrices. All threads of an OpenMP team call these functions with the same arguments, and each
// does its share.
#pragma once

#include "attention.h"
#include "products.h"

namespace utter {

// What follows the attention in a layer: output projection, gate and up projection in one matrix, down projection.
struct PostAttention {
  Matrix output;
  Matrix gate_up;
  Matrix down;
};

// Memory shared by the threads, for up to this number of rows.
struct PostAttentionScratch {
  PostAttentionScratch(int64_t rows, const PostAttention& post);

  Scratch products;
  std::unique_ptr<float[]> gate_up;
};

struct LayerScratch {
  LayerScratch(int64_t rows, const Matrix& attention, const PostAttention& post);

  PostAttentionScratch post;
  std::unique_ptr<float[]> qkv;
  std::unique_ptr<float[]> attn_output;
};

// Adds output projection and MLP to the residual x (rows, width). Each row of x is followed by its eps tail, see Input::kNorm.
void post_attention(Rows<const float> attn_output, const PostAttention& post, Rows<float> x,
                    const PostAttentionScratch& scratch);

// Adds a whole layer to the residual x at this position. attention: the QKV projection.
void decoder_layer(Rows<float> x, const DecodePosition& decode, const Matrix& attention, const PostAttention& post,
                   const LayerScratch& scratch);

}  // namespace utter
