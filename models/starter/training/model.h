// GPT-2: its parameters, and the loss and its gradients for a batch, layer by layer and chunk by chunk.
//
// x_0 = wte[id] + wpe[position];  x += proj(attention(ln_1(x)));  x += proj(gelu(fc(ln_2(x))));
// logits = ln_f(x) wte^T.  The residual stream x and its gradient are fp32, all else between products is bfloat16.
//
// Memory is slow and caches are small, arithmetic is neither. So all chunks of a batch pass through one layer before
// any goes through the next (its weights and their gradient stay in the cache), and of a layer's activations only
// the normalised inputs of its two halves and attention's output are kept: the rest is computed again on the way back.
#pragma once
#include <string>
#include <vector>
#include "attention.h"

struct Shape {
  long layers, width, heads, vocab, context;
};

// Every parameter is rows x cols in one array, linear weights as [in, out]. The names are the public checkpoint's.
struct Tensor {
  std::string name;
  long rows, cols, offset;
  bool hidden;  // a hidden matrix: Muon's
};

inline std::vector<Tensor> tensors(const Shape &s) {
  std::vector<Tensor> list;
  long offset = 0, d = s.width;
  auto add = [&](std::string name, long rows, long cols, bool hidden = false) {
    list.push_back({name, rows, cols, offset, hidden});
    offset += rows * cols;
  };
  add("wte.weight", s.vocab, d);
  add("wpe.weight", s.context, d);
  for (long l = 0; l < s.layers; l++) {
    std::string h = "h." + std::to_string(l) + ".";
    add(h + "ln_1.weight", 1, d), add(h + "ln_1.bias", 1, d);
    add(h + "attn.c_attn.weight", d, 3 * d, true), add(h + "attn.c_attn.bias", 1, 3 * d);
    add(h + "attn.c_proj.weight", d, d, true), add(h + "attn.c_proj.bias", 1, d);
    add(h + "ln_2.weight", 1, d), add(h + "ln_2.bias", 1, d);
    add(h + "mlp.c_fc.weight", d, 4 * d, true), add(h + "mlp.c_fc.bias", 1, 4 * d);
    add(h + "mlp.c_proj.weight", 4 * d, d, true), add(h + "mlp.c_proj.bias", 1, d);
  }
  add("ln_f.weight", 1, d), add("ln_f.bias", 1, d);
  return list;
}
inline long size_of(const Shape &s) { return tensors(s).back().offset + s.width; }

// Where each parameter (or its gradient) lies in the array.
struct View {
  struct Layer {
    float *ln1_w, *ln1_b, *qkv_w, *qkv_b, *proj_w, *proj_b, *ln2_w, *ln2_b, *fc_w, *fc_b, *out_w, *out_b;
  };
  float *wte, *wpe, *lnf_w, *lnf_b;
  std::vector<Layer> h;
  View(const Shape &s, float *data) {
    auto list = tensors(s);
    auto next = [&, i = 0]() mutable { return data + list[i++].offset; };
    wte = next(), wpe = next();
    for (long l = 0; l < s.layers; l++) {
      Layer a;
      for (float **p : {&a.ln1_w, &a.ln1_b, &a.qkv_w, &a.qkv_b, &a.proj_w, &a.proj_b, &a.ln2_w, &a.ln2_b, &a.fc_w, &a.fc_b, &a.out_w, &a.out_b}) *p = next();
      h.push_back(a);
    }
    lnf_w = next(), lnf_b = next();
  }
};

// A weight matrix W[in, out] in bfloat16, packed as the right operand of x W (forward) and of dy W^T (backward).
struct Packed {
  long in, out;
  bf16 *forward, *backward;
  Packed(long in, long out) : in(in), out(out), forward(allocate<bf16>(in * out)), backward(allocate<bf16>(in * out)) {}
  void set(const float *w, bf16 *scratch) {
    for (long i = 0; i < in * out; i += 32) at(scratch + i) = narrow(at(w + i), at(w + i + 16));
    to_pairs(scratch, out, in, out, forward);
    transpose_to_pairs(scratch, out, in, out, backward);
  }
};

const long SLICE = 512;  // of the vocabulary

struct PackedModel {
  struct Layer {
    Packed qkv, proj, fc, out;
  };
  std::vector<Layer> h;
  std::vector<Packed> head;  // slices of wte[vocab, width]: `backward` is the forward product's operand here
  explicit PackedModel(const Shape &s) {
    long d = s.width;
    for (long v = 0; v < s.vocab; v += SLICE) head.push_back({std::min(SLICE, s.vocab - v), d});
    for (long l = 0; l < s.layers; l++) h.push_back({{d, 3 * d}, {d, d}, {d, 4 * d}, {4 * d, d}});
  }
};

// hat = (x - mean) / deviation, where x += bias first;  y = hat g + b.
inline void layernorm(long T, long d, float *x, const float *bias, const float *g, const float *b, bf16 *hat, bf16 *y, float *rstd) {
  for (long t = 0; t < T; t++, x += d, hat += d, y += d) {
    vec s = {}, q = {};
    for (long c = 0; c < d; c += 16) {
      vec v = at(x + c);
      if (bias) at(x + c) = v = v + at(bias + c);
      s += v;
    }
    float mean = sum(s) / d;
    for (long c = 0; c < d; c += 16) {
      vec v = at(x + c) - mean;
      q += v * v;
    }
    float r = rstd[t] = 1 / sqrtf(sum(q) / d + 1e-5f);
    for (long c = 0; c < d; c += 32) {
      vec u = (at(x + c) - mean) * r, v = (at(x + c + 16) - mean) * r;
      stream(hat + c, narrow(u, v));
      at(y + c) = narrow(u * at(g + c) + at(b + c), v * at(g + c + 16) + at(b + c + 16));
    }
  }
}

inline void scale_and_shift(long T, long d, const bf16 *hat, const float *g, const float *b, bf16 *y) {
  for (long t = 0; t < T; t++, hat += d, y += d)
    for (long c = 0; c < d; c += 32) at(y + c) = narrow(widen(hat + c) * at(g + c) + at(b + c), widen(hat + c + 16) * at(g + c + 16) + at(b + c + 16));
}

// dx += rstd (dhat - mean(dhat) - hat mean(dhat hat)) with dhat = dy g;  dg += sum(dy hat), db += sum(dy).
inline void layernorm_backward(long T, long d, const float *dy, const bf16 *hat, const float *rstd, const float *g, float *dx, float *dg, float *db) {
  for (long t = 0; t < T; t++, dy += d, hat += d, dx += d) {
    vec s = {}, q = {};
    for (long c = 0; c < d; c += 16) {
      vec v = at(dy + c), h = widen(hat + c), u = v * at(g + c);
      s += u;
      q += u * h;
      at(dg + c) += v * h;
      at(db + c) += v;
    }
    float mean = sum(s) / d, slope = sum(q) / d;
    for (long c = 0; c < d; c += 16) at(dx + c) += rstd[t] * (at(dy + c) * at(g + c) - mean - widen(hat + c) * slope);
  }
}

// The gradient of a linear layer's output in bfloat16; its sum over the tokens is the bias's gradient.
inline void round_gradient(long T, long d, const float *dx, bf16 *to, float *dbias) {
  for (long t = 0; t < T; t++, dx += d, to += d)
    for (long c = 0; c < d; c += 32) {
      at(dbias + c) += at(dx + c);
      at(dbias + c + 16) += at(dx + c + 16);
      at(to + c) = narrow(at(dx + c), at(dx + c + 16));
    }
}

// gelu(x) = x s with s = sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is GPT-2's tanh form; and its derivative.
inline vec gelu(vec x, vec *slope = nullptr) {
  const float A = 2 * 0.7978845608f, B = A * 0.044715f;
  vec x2 = x * x;
  vec s = reciprocal(1 + exp2(x * (x2 * (-LOG2E * B) - LOG2E * A)));
  vec y = x * s;
  if (slope) *slope = s + (y - y * s) * (x2 * (3 * B) + A);
  return y;
}

// Rows m and m+1, columns n to n+31 of a right operand of T rows, as pairs.
inline std::pair<bf16 *, bf16 *> pair_places(bf16 *pairs, long T, long m, long n) {
  bf16 *tile = pairs + n * T + m / 32 * 1024 + m % 32 * 16;
  return {tile, tile + 512};
}

// What is kept of a batch between the layers.
struct Batch {
  struct Layer {
    bf16 *hat1, *att, *hat2;
    float *rstd1, *rstd2, *lse;
  };
  std::vector<Layer> h;
  std::vector<uint16_t> ids, next;
  long length = 0;  // of its sequences
  float *x, *rstd;  // the residual stream; on the way back, its gradient
  bf16 *hat;
  Batch(const Shape &s, long tokens) : ids(tokens), next(tokens) {
    const long n = tokens * s.width;
    for (long l = 0; l < s.layers; l++) h.push_back({allocate<bf16>(n), allocate<bf16>(n), allocate<bf16>(n), allocate<float>(tokens), allocate<float>(tokens), allocate<float>(tokens * s.heads)});
    x = allocate<float>(n), rstd = allocate<float>(tokens), hat = allocate<bf16>(n);
  }
};

// One thread's scratch memory and its own sums of gradients: those of the layer in hand, and of what lies outside
// the layers. out_w's is transposed, and so is the output's share of wte's (dhead).
struct Worker {
  Shape s;
  long stride, layer_size;  // dhead's rows are padded: a power of two would crowd them into few cache lines
  float *dy, *layer, *dwte, *dwpe, *dlnf, *dhead;
  bf16 *y, *qkv, *wide, *slope, *pairs, *left, *rows, *dlogits, *dlogits_pairs;
  Attention attention;
  View::Layer g;

  Worker(const Shape &s, long chunk, long head_chunk) : s(s), stride(s.vocab + 32), attention(s.context) {
    const long d = s.width, n = std::max(chunk, head_chunk) * d;
    auto list = tensors(s);
    const long first = list[2].offset;
    layer_size = list[14].offset - first;
    layer = allocate<float>(layer_size), dwte = allocate<float>(s.vocab * d), dwpe = allocate<float>(s.context * d), dlnf = allocate<float>(2 * d), dhead = allocate<float>(d * stride);
    g = View(s, layer - first).h[0];
    dy = allocate<float>(n);
    for (bf16 **p : {&y, &rows}) *p = allocate<bf16>(n);
    for (bf16 **p : {&qkv, &wide, &slope, &pairs, &left}) *p = allocate<bf16>(std::max(chunk * 4 * d, n));
    dlogits = allocate<bf16>(head_chunk * SLICE), dlogits_pairs = allocate<bf16>(head_chunk * SLICE);
  }

  void clear() {
    memset(layer, 0, layer_size * 4);
    memset(dwte, 0, s.vocab * s.width * 4);
    memset(dwpe, 0, s.context * s.width * 4);
    memset(dlnf, 0, 2 * s.width * 4);
    memset(dhead, 0, s.width * stride * 4);
  }

  void embed(const View &w, Batch &b, long from, long T) {
    const long d = s.width;
    for (long t = from; t < from + T; t++)
      for (long c = 0; c < d; c += 16) at(b.x + t * d + c) = at(w.wte + b.ids[t] * d + c) + at(w.wpe + t % b.length * d + c);
  }

  void embed_backward(Batch &b, long from, long T) {
    const long d = s.width;
    for (long t = from; t < from + T; t++)
      for (long c = 0; c < d; c += 16) {
        at(dwte + b.ids[t] * d + c) += at(b.x + t * d + c);
        at(dwpe + t % b.length * d + c) += at(b.x + t * d + c);
      }
  }

  void project_qkv(const PackedModel::Layer &p, const View::Layer &w, long T) {
    const long d = s.width;
    multiply(T, 3 * d, d, rows_of(y, d), p.qkv.forward, [&](long m, long n, const float *c) {
      for (int r = 0; r < 2; r++, c += 32) at(qkv + (m + r) * 3 * d + n) = narrow(at(c) + at(w.qkv_b + n), at(c + 16) + at(w.qkv_b + n + 16));
    });
  }

  // Layer l for T tokens (whole sequences) from `from`. `bias` is of the layer below, and not yet in x.
  void forward(const PackedModel::Layer &p, const View::Layer &w, const float *bias, Batch &b, Batch::Layer &a, long from, long T) {
    const long d = s.width, at_d = from * d;
    float *x = b.x + at_d;
    bf16 *att = a.att + at_d;
    layernorm(T, d, x, bias, w.ln1_w, w.ln1_b, a.hat1 + at_d, y, a.rstd1 + from);
    project_qkv(p, w, T);
    for (long t = 0; t < T; t += b.length)
      for (long k = 0; k < s.heads; k++)
        attention.forward(b.length, d, qkv + t * 3 * d + k * HEAD, att + t * d + k * HEAD, a.lse + (from + t) * s.heads + k * b.length);
    multiply(T, d, d, rows_of(att, d), p.proj.forward, x, d, true);
    layernorm(T, d, x, w.proj_b, w.ln2_w, w.ln2_b, a.hat2 + at_d, y, a.rstd2 + from);
    multiply(T, 4 * d, d, rows_of(y, d), p.fc.forward, [&](long m, long n, const float *c) {
      for (int r = 0; r < 2; r++, c += 32) at(wide + (m + r) * 4 * d + n) = narrow(gelu(at(c) + at(w.fc_b + n)), gelu(at(c + 16) + at(w.fc_b + n + 16)));
    });
    multiply(T, d, 4 * d, rows_of(wide, 4 * d), p.out.forward, x, d, true);
  }

  void backward(const PackedModel::Layer &p, const View::Layer &w, Batch &b, Batch::Layer &a, long from, long T) {
    const long d = s.width, at_d = from * d;
    float *dx = b.x + at_d;
    // x += out(gelu(fc(y))), y = ln_2(x)
    scale_and_shift(T, d, a.hat2 + at_d, w.ln2_w, w.ln2_b, y);
    multiply(T, 4 * d, d, rows_of(y, d), p.fc.forward, [&](long m, long n, const float *c) {
      pack out[2];
      for (int r = 0; r < 2; r++, c += 32) {
        vec s0, s1, g0 = gelu(at(c) + at(w.fc_b + n), &s0), g1 = gelu(at(c + 16) + at(w.fc_b + n + 16), &s1);
        at(slope + (m + r) * 4 * d + n) = narrow(s0, s1);
        out[r] = narrow(g0, g1);
      }
      auto [first, second] = pair_places(pairs, T, m, n);
      interleave(out[0], out[1], at(first), at(second));
    });
    round_gradient(T, d, dx, rows, g.out_b);
    transpose_to_tiles(rows, d, T, d, left);
    multiply(d, 4 * d, T, tiles_of(left, T), pairs, g.out_w, 4 * d, true);
    multiply(T, 4 * d, d, rows_of(rows, d), p.out.backward, [&](long m, long n, const float *c) {
      const long i = m * 4 * d + n, j = i + 4 * d;
      vec u = at(c) * widen(slope + i), v = at(c + 16) * widen(slope + i + 16);
      vec x = at(c + 32) * widen(slope + j), y = at(c + 48) * widen(slope + j + 16);
      at(g.fc_b + n) += u + x;
      at(g.fc_b + n + 16) += v + y;
      auto [first, second] = pair_places(pairs, T, m, n);
      interleave(at(wide + i) = narrow(u, v), at(wide + j) = narrow(x, y), at(first), at(second));
    });
    transpose_to_tiles(y, d, T, d, left);
    multiply(d, 4 * d, T, tiles_of(left, T), pairs, g.fc_w, 4 * d, true);
    multiply(T, d, 4 * d, rows_of(wide, 4 * d), p.fc.backward, dy, d, false);
    layernorm_backward(T, d, dy, a.hat2 + at_d, a.rstd2 + from, w.ln2_w, dx, g.ln2_w, g.ln2_b);
    // x += proj(attention(qkv(y))), y = ln_1(x)
    const bf16 *att = a.att + at_d;
    bf16 *datt = slope, *dqkv = wide;
    round_gradient(T, d, dx, rows, g.proj_b);
    to_pairs(rows, d, T, d, pairs);
    transpose_to_tiles(att, d, T, d, left);
    multiply(d, d, T, tiles_of(left, T), pairs, g.proj_w, d, true);
    multiply(T, d, d, rows_of(rows, d), p.proj.backward, [&](long m, long n, const float *c) {
      for (int r = 0; r < 2; r++, c += 32) at(datt + (m + r) * d + n) = narrow(at(c), at(c + 16));
    });
    scale_and_shift(T, d, a.hat1 + at_d, w.ln1_w, w.ln1_b, y);
    project_qkv(p, w, T);
    for (long t = 0; t < T; t += b.length)
      for (long k = 0; k < s.heads; k++)
        attention.backward(b.length, d, qkv + t * 3 * d + k * HEAD, att + t * d + k * HEAD, datt + t * d + k * HEAD, a.lse + (from + t) * s.heads + k * b.length, dqkv + t * 3 * d + k * HEAD);
    for (long t = 0; t < T; t++)
      for (long c = 0; c < 3 * d; c += 16) at(g.qkv_b + c) += widen(dqkv + t * 3 * d + c);
    to_pairs(dqkv, 3 * d, T, 3 * d, pairs);
    transpose_to_tiles(y, d, T, d, left);
    multiply(d, 3 * d, T, tiles_of(left, T), pairs, g.qkv_w, 3 * d, true);
    multiply(T, d, 3 * d, rows_of(dqkv, 3 * d), p.qkv.backward, dy, d, false);
    layernorm_backward(T, d, dy, a.hat1 + at_d, a.rstd1 + from, w.ln1_w, dx, g.ln1_w, g.ln1_b);
  }

  // The sum of T tokens' losses; with `scale` above zero, x becomes the gradient of scale times that sum.
  // Cross entropy = log sum exp(logit - target's logit); dlogits = softmax(logits) - 1 at the target. The logits
  // are computed twice, a slice of the vocabulary at a time, and never leave the cache.
  double head(const PackedModel &p, const View &w, Batch &b, long from, long T, float scale) {
    const long d = s.width;
    float *x = b.x + from * d;
    bf16 *hat = b.hat + from * d;
    layernorm(T, d, x, w.h.back().out_b, w.lnf_w, w.lnf_b, hat, y, b.rstd + from);
    std::vector<float> base(T);  // the target's logit; then log2 of the sum of all exponentials; both as powers of two
    std::vector<vec> total(T, vec{});
    for (long t = 0; t < T; t++) {
      const float *row = w.wte + b.next[from + t] * d;
      vec u = {};
      for (long c = 0; c < d; c += 32) {
        alignas(64) bf16 r[32];
        at(r) = narrow(at(row + c), at(row + c + 16));
        u += widen(r) * widen(y + t * d + c) + widen(r + 16) * widen(y + t * d + c + 16);
      }
      base[t] = sum(u) * LOG2E;
    }
    for (const Packed &slice : p.head)
      multiply(T, slice.in, d, rows_of(y, d), slice.backward, [&](long m, long, const float *c) {
        for (int r = 0; r < 2; r++, c += 32)
          total[m + r] += exp2(least(at(c) * LOG2E - base[m + r], all(110))) + exp2(least(at(c + 16) * LOG2E - base[m + r], all(110)));
      });
    double loss = 0;
    for (long t = 0; t < T; t++) {
      float z = sum(total[t]);
      loss += logf(z);
      base[t] += log2f(z);
    }
    if (!(scale > 0)) return loss;
    transpose_to_tiles(y, d, T, d, left);
    memset(dy, 0, T * d * sizeof(float));
    for (size_t i = 0; i < p.head.size(); i++) {
      const Packed &slice = p.head[i];
      const long n_slice = slice.in;
      multiply(T, n_slice, d, rows_of(y, d), slice.backward, [&](long m, long n, const float *c) {
        pack out[2];
        for (int r = 0; r < 2; r++, c += 32) out[r] = narrow(scale * exp2(at(c) * LOG2E - base[m + r]), scale * exp2(at(c + 16) * LOG2E - base[m + r]));
        bf16 *tile = dlogits + m / 16 * 16 * n_slice + n * 16 + m % 16 * 32;
        at(tile) = out[0];
        at(tile + 32) = out[1];
        auto [first, second] = pair_places(dlogits_pairs, T, m, n);
        interleave(out[0], out[1], at(first), at(second));
      });
      multiply(T, d, n_slice, tiles_of(dlogits, n_slice), slice.forward, dy, d, true);
      multiply(d, n_slice, T, tiles_of(left, T), dlogits_pairs, dhead + i * SLICE, stride, true);
    }
    for (long t = 0; t < T; t++) {  // the targets
      const float *row = w.wte + b.next[from + t] * d;
      float *drow = dwte + b.next[from + t] * d;
      for (long c = 0; c < d; c += 16) {
        at(drow + c) -= scale * widen(y + t * d + c);
        at(dy + t * d + c) -= scale * at(row + c);
      }
    }
    memset(x, 0, T * d * sizeof(float));
    layernorm_backward(T, d, dy, hat, b.rstd + from, w.lnf_w, x, dlnf, dlnf + d);
    return loss;
  }
};
