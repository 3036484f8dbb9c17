// Causal attention of one head over one sequence of T tokens, forward and backward. Only blocks of 32 queries
// by 32 keys on or below the diagonal are computed, and no T x T matrix of probabilities is kept.
//
// S = Q K^T / sqrt(64),  P = softmax(S),  O = P V.
// dV = P^T dO,  dP = dO V^T,  dS = P (dP - D) with D = rowsum(dO O),  dQ = dS K / 8,  dK = dS^T Q / 8.
#pragma once
#include <cmath>
#include "tiles.h"

const long HEAD = 64;
const float LOG2E = 1.44269504f, SCALE = LOG2E / 8;  // scores are kept as powers of two

struct Attention {
  bf16 *k, *v, *q, *o, *q_t, *do_t, *p, *ds, *pairs;
  float *d;
  explicit Attention(long context) {
    for (bf16 **b : {&k, &v, &q, &o, &q_t, &do_t}) *b = allocate<bf16>(context * HEAD);
    for (bf16 **b : {&p, &ds}) *b = allocate<bf16>((context + 32) * 32);
    pairs = allocate<bf16>(context * context);
    d = allocate<float>(context);
  }

  // q, k and v lie `width` apart in each row of qkv[T][3 width]; out[T][width]; lse[T] = log2 sum 2^S.
  void forward(long T, long width, const bf16 *qkv, bf16 *out, float *lse) {
    const long row = 3 * width, pad = T + 32;  // rows of p a power of two apart would share few cache lines
    transpose_to_pairs(qkv + width, row, T, HEAD, k);
    to_pairs(qkv + 2 * width, row, T, HEAD, v);
    for (long i = 0; i < T; i += 32) {
      alignas(64) float c[32 * 32];
      vec total[32] = {};
      float own[32];  // a query's score with its own key keeps the others' exponentials in range
      for (long j = i; j >= 0; j -= 32) {
        block(rows_of(qkv, row), i / 16, k + j * HEAD, 0, 2, c);
        for (int r = 0; r < 32; r++) {
          if (j == i) own[r] = c[r * 33] * SCALE;
          vec x = exp2(least(at(c + r * 32) * SCALE - own[r], all(110)));
          vec y = exp2(least(at(c + r * 32 + 16) * SCALE - own[r], all(110)));
          if (j == i) x = LANE <= r ? x : vec{}, y = LANE <= r - 16 ? y : vec{};
          at(p + r * pad + j) = narrow(x, y);
          total[r] += x + y;
        }
      }
      for (long h = 0; h < HEAD; h += 32) {
        block(rows_of(p, pad), 0, v + h * T, 0, i / 32 + 1, c);
        for (int r = 0; r < 32; r++) {
          float z = sum(total[r]);
          at(out + (i + r) * width + h) = narrow(at(c + r * 32) / z, at(c + r * 32 + 16) / z);
          lse[i + r] = own[r] + log2f(z);
        }
      }
    }
  }

  // P and dS are computed transposed (keys x queries): as such they are left operands for dV and dK, and lse
  // and D lie along the lanes.
  void backward(long T, long width, const bf16 *qkv, const bf16 *out, const bf16 *dout, const float *lse, bf16 *dqkv) {
    const long row = 3 * width, pad = T + 32;
    transpose_to_pairs(qkv, row, T, HEAD, q_t);
    transpose_to_pairs(dout, width, T, HEAD, do_t);
    to_pairs(qkv, row, T, HEAD, q);
    to_pairs(dout, width, T, HEAD, o);
    transpose_to_tiles(qkv + width, row, T, HEAD, k);
    for (long t = 0; t < T; t++) {
      vec s = {};
      for (long h = 0; h < HEAD; h += 16) s += widen(out + t * width + h) * widen(dout + t * width + h);
      d[t] = sum(s);
    }
    alignas(64) float c[32 * 32], e[32 * 32];
    for (long j = 0; j < T; j += 32) {
      for (long i = j; i < T; i += 32) {
        block(rows_of(qkv + width, row), j / 16, q_t + i * HEAD, 0, 2, c);
        block(rows_of(qkv + 2 * width, row), j / 16, do_t + i * HEAD, 0, 2, e);
        for (int r = 0; r < 32; r++) {
          vec x = exp2(at(c + r * 32) * SCALE - at(lse + i)), y = exp2(at(c + r * 32 + 16) * SCALE - at(lse + i + 16));
          if (i == j) x = LANE >= r ? x : vec{}, y = LANE >= r - 16 ? y : vec{};
          at(p + r * pad + i) = narrow(x, y);
          at(ds + r * pad + i) = narrow(x * (at(e + r * 32) - at(d + i)) * 0.125f, y * (at(e + r * 32 + 16) - at(d + i + 16)) * 0.125f);
        }
        to_pairs(ds + i, pad, 32, 32, pairs + i * T + j * 32);
      }
      const long steps = (T - j) / 32;
      for (long h = 0; h < HEAD; h += 32) {
        block(rows_of(p + j, pad), 0, o + h * T + j * 32, 0, steps, c);
        block(rows_of(ds + j, pad), 0, q + h * T + j * 32, 0, steps, e);
        for (int r = 0; r < 32; r++) {
          at(dqkv + (j + r) * row + 2 * width + h) = narrow(at(c + r * 32), at(c + r * 32 + 16));
          at(dqkv + (j + r) * row + width + h) = narrow(at(e + r * 32), at(e + r * 32 + 16));
        }
      }
    }
    for (long i = 0; i < T; i += 32)
      for (long h = 0; h < HEAD; h += 32) {  // dQ^T = K^T dS^T
        block(tiles_of(k, T), h / 16, pairs + i * T, 0, i / 32 + 1, c);
        for (long t = 0; t < 32; t += 16) {
          bits x[16], y[16];
          for (int r = 0; r < 16; r++) x[r] = (bits)at(c + r * 32 + t), y[r] = (bits)at(c + (r + 16) * 32 + t);
          transpose(x);
          transpose(y);
          for (int r = 0; r < 16; r++) at(dqkv + (i + t + r) * row + h) = narrow((vec)x[r], (vec)y[r]);
        }
      }
  }
};
