// GPT-2: its parameters, and the loss and its gradients for a share of a batch.
//
// x_0 = wte[id] + wpe[position];  x += proj(attention(ln_1(x)));  x += proj(gelu(fc(ln_2(x))));
// logits = ln_f(x) wte^T.  The residual stream x and its gradient are fp32, all else between products is bfloat16.
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

struct PackedModel {
  struct Layer {
    Packed qkv, proj, fc, out;
  };
  std::vector<Layer> h;
  Packed head;  // as wte[vocab, width]: its `backward` is the forward product's operand, and the other way round
  explicit PackedModel(const Shape &s) : head(s.vocab, s.width) {
    long d = s.width;
    for (long l = 0; l < s.layers; l++) h.push_back({{d, 3 * d}, {d, d}, {d, 4 * d}, {4 * d, d}});
  }
};

// x += bias;  hat = (x - mean) / deviation;  y = hat g + b.
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
      at(hat + c) = narrow(u, v);
      at(y + c) = narrow(u * at(g + c) + at(b + c), v * at(g + c + 16) + at(b + c + 16));
    }
  }
}

// dx += rstd (dhat - mean(dhat) - hat mean(dhat hat)) with dhat = dy g. The sum, complete now, is written in
// bfloat16 too, and summed over the tokens for the bias of the layer below (dbias, where there is one).
inline void layernorm_backward(long T, long d, const float *dy, const bf16 *hat, const float *rstd, const float *g, float *dx, bf16 *dx16, float *dg, float *db, float *dbias) {
  for (long t = 0; t < T; t++, dy += d, hat += d, dx += d, dx16 += d) {
    vec s = {}, q = {};
    for (long c = 0; c < d; c += 16) {
      vec v = at(dy + c), h = widen(hat + c), u = v * at(g + c);
      s += u;
      q += u * h;
      at(dg + c) += v * h;
      at(db + c) += v;
    }
    float mean = sum(s) / d, slope = sum(q) / d;
    auto finish = [&](long c) {
      vec v = at(dx + c) + rstd[t] * (at(dy + c) * at(g + c) - mean - widen(hat + c) * slope);
      if (dbias) at(dbias + c) += v;
      return at(dx + c) = v;
    };
    for (long c = 0; c < d; c += 32) {
      vec u = finish(c), v = finish(c + 16);
      at(dx16 + c) = narrow(u, v);
    }
  }
}

// gelu(x) = x s with s = sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is GPT-2's tanh form; and its derivative.
inline vec gelu(vec x, vec &slope) {
  const float A = 2 * 0.7978845608f, B = A * 0.044715f;
  vec x2 = x * x;
  vec s = reciprocal(1 + exp2(x * (x2 * (-LOG2E * B) - LOG2E * A)));
  vec y = x * s;
  slope = s + (y - y * s) * (x2 * (3 * B) + A);
  return y;
}

inline void add_columns(long T, long d, const bf16 *x, long stride, float *to) {
  for (long c = 0; c < d; c += 16) {
    vec s = {};
    for (long t = 0; t < T; t++) s += widen(x + t * stride + c);
    at(to + c) += s;
  }
}

// One thread's activations for up to `tokens` tokens, its scratch memory and its own sum of gradients.
struct Worker {
  struct Layer {
    bf16 *hat1, *y1, *qkv, *att, *hat2, *y2, *gelu, *slope;
    float *rstd1, *rstd2, *lse;
  };
  Shape s;
  long tokens, stride;  // of dhead's rows: a power of two would crowd them into few cache lines
  std::vector<Layer> h;
  float *x, *dx, *dy, *rstd, *gradient, *dhead;  // dhead[width][stride]: the output's share of wte's gradient, transposed
  bf16 *hat, *y, *e, *e_pairs, *dx16, *wide, *pairs, *left, *scaled;
  Attention attention;
  View g;

  Worker(const Shape &s, long tokens)
      : s(s), tokens(tokens), stride(s.vocab + 32), gradient(allocate<float>(size_of(s))), attention(s.context), g(s, gradient) {
    long d = s.width, n = tokens * d;
    for (long l = 0; l < s.layers; l++) {
      Layer a;
      for (bf16 **p : {&a.hat1, &a.y1, &a.att, &a.hat2, &a.y2}) *p = allocate<bf16>(n);
      a.qkv = allocate<bf16>(3 * n), a.gelu = allocate<bf16>(4 * n), a.slope = allocate<bf16>(4 * n);
      a.rstd1 = allocate<float>(tokens), a.rstd2 = allocate<float>(tokens), a.lse = allocate<float>(tokens * s.heads);
      h.push_back(a);
    }
    x = allocate<float>(n), dx = allocate<float>(n), dy = allocate<float>(n), rstd = allocate<float>(tokens);
    for (bf16 **p : {&hat, &y, &dx16, &scaled}) *p = allocate<bf16>(n);
    for (bf16 **p : {&wide, &pairs, &left}) *p = allocate<bf16>(4 * n);
    e = allocate<bf16>(tokens * s.vocab), e_pairs = allocate<bf16>(tokens * s.vocab);
    dhead = allocate<float>(d * stride);
  }

  void clear() {
    memset(gradient, 0, size_of(s) * sizeof(float));
    memset(dhead, 0, s.width * stride * sizeof(float));
  }

  // dW += x^T dy, with dy in `pairs`.
  void weight_gradient(long T, const bf16 *x, long in, long out, float *dw) {
    transpose_to_tiles(x, in, T, in, left);
    multiply(in, out, T, tiles_of(left, T), pairs, dw, out, true);
  }

  // The sum of the tokens' losses for `count` sequences of `length` tokens, `ids` holding length + 1 for each;
  // with `scale` above zero, the gradients of scale times that sum are added, too.
  double run(const PackedModel &p, const View &w, long count, long length, const uint16_t *const *ids, float scale) {
    const long T = count * length, d = s.width;
    for (long t = 0; t < T; t++)
      for (long c = 0; c < d; c += 16) at(x + t * d + c) = at(w.wte + ids[t / length][t % length] * d + c) + at(w.wpe + t % length * d + c);
    for (long l = 0; l < s.layers; l++) {
      Layer &a = h[l];
      const View::Layer &b = w.h[l];
      layernorm(T, d, x, l ? w.h[l - 1].out_b : nullptr, b.ln1_w, b.ln1_b, a.hat1, a.y1, a.rstd1);
      multiply(T, 3 * d, d, rows_of(a.y1, d), p.h[l].qkv.forward, [&](long m, long n, float *c) {
        for (int r = 0; r < 32; r++)
          at(a.qkv + (m + r) * 3 * d + n) = narrow(at(c + r * 32) + at(b.qkv_b + n), at(c + r * 32 + 16) + at(b.qkv_b + n + 16));
      });
      for (long t = 0; t < T; t += length)
        for (long k = 0; k < s.heads; k++)
          attention.forward(length, d, a.qkv + t * 3 * d + k * HEAD, a.att + t * d + k * HEAD, a.lse + t * s.heads + k * length);
      multiply(T, d, d, rows_of(a.att, d), p.h[l].proj.forward, x, d, true);
      layernorm(T, d, x, b.proj_b, b.ln2_w, b.ln2_b, a.hat2, a.y2, a.rstd2);
      multiply(T, 4 * d, d, rows_of(a.y2, d), p.h[l].fc.forward, [&](long m, long n, float *c) {
        for (int r = 0; r < 32; r++) {
          vec s0, s1, g0 = gelu(at(c + r * 32) + at(b.fc_b + n), s0), g1 = gelu(at(c + r * 32 + 16) + at(b.fc_b + n + 16), s1);
          at(a.gelu + (m + r) * 4 * d + n) = narrow(g0, g1);
          at(a.slope + (m + r) * 4 * d + n) = narrow(s0, s1);
        }
      });
      multiply(T, d, 4 * d, rows_of(a.gelu, 4 * d), p.h[l].out.forward, x, d, true);
    }
    layernorm(T, d, x, w.h[s.layers - 1].out_b, w.lnf_w, w.lnf_b, hat, y, rstd);
    double loss = head(p, w, T, length, ids, scale);
    if (scale > 0) backward(p, w, T, length, ids);
    return loss;
  }

  // Cross entropy = log sum exp(logit - target's logit). The exponentials E are kept in bfloat16; a row's divisor
  // z scales the products instead: dy = (E wte) / z - wte[target], dwte = E^T (y / z) - y at the target.
  double head(const PackedModel &p, const View &w, long T, long length, const uint16_t *const *ids, float scale) {
    const long d = s.width;
    std::vector<float> target(T);
    std::vector<vec> total(T, vec{});
    auto next = [&](long t) { return (long)ids[t / length][t % length + 1]; };
    for (long t = 0; t < T; t++) {
      vec u = {};
      for (long c = 0; c < d; c += 32) {
        alignas(64) bf16 r[32];
        at(r) = narrow(at(w.wte + next(t) * d + c), at(w.wte + next(t) * d + c + 16));
        u += widen(r) * widen(y + t * d + c) + widen(r + 16) * widen(y + t * d + c + 16);
      }
      target[t] = sum(u) * LOG2E;
    }
    multiply(T, s.vocab, d, rows_of(y, d), p.head.backward, [&](long m, long n, float *c) {
      pack last;
      for (int r = 0; r < 32; r++) {
        vec u = exp2(least(at(c + r * 32) * LOG2E - target[m + r], all(110)));
        vec v = exp2(least(at(c + r * 32 + 16) * LOG2E - target[m + r], all(110)));
        total[m + r] += u + v;
        if (!(scale > 0)) continue;
        pack both = narrow(u, v);
        stream(e + (m + r / 16 * 16) * s.vocab + n * 16 + r % 16 * 32, both);
        if (r % 2) {
          pack first, second;
          interleave(last, both, first, second);
          bf16 *tile = e_pairs + n * T + m * 32 + r / 2 * 32;
          stream(tile, first);
          stream(tile + 512, second);
        }
        last = both;
      }
    });
    double loss = 0;
    for (long t = 0; t < T; t++) {
      float z = sum(total[t]);
      loss += logf(z);
      total[t] = all(scale / z);
    }
    if (!(scale > 0)) return loss;
    multiply(T, d, s.vocab, tiles_of(e, s.vocab), p.head.forward, dy, d, false);
    for (long t = 0; t < T; t++)
      for (long c = 0; c < d; c += 32) {
        vec u = widen(y + t * d + c), v = widen(y + t * d + c + 16);
        at(scaled + t * d + c) = narrow(u * total[t], v * total[t]);
        const float *row = w.wte + next(t) * d + c;
        float *grow = g.wte + next(t) * d + c;
        at(grow) -= u * scale;
        at(grow + 16) -= v * scale;
        at(dy + t * d + c) = at(dy + t * d + c) * total[t] - at(row) * scale;
        at(dy + t * d + c + 16) = at(dy + t * d + c + 16) * total[t] - at(row + 16) * scale;
      }
    transpose_to_tiles(scaled, d, T, d, left);
    multiply(d, s.vocab, T, tiles_of(left, T), e_pairs, dhead, stride, true);
    return loss;
  }

  void backward(const PackedModel &p, const View &w, long T, long length, const uint16_t *const *ids) {
    const long d = s.width;
    memset(dx, 0, T * d * sizeof(float));
    layernorm_backward(T, d, dy, hat, rstd, w.lnf_w, dx, dx16, g.lnf_w, g.lnf_b, g.h[s.layers - 1].out_b);
    for (long l = s.layers - 1; l >= 0; l--) {
      Layer &a = h[l];
      const View::Layer &b = w.h[l], &gb = g.h[l];

      to_pairs(dx16, d, T, d, pairs);
      weight_gradient(T, a.gelu, 4 * d, d, gb.out_w);
      multiply(T, 4 * d, d, rows_of(dx16, d), p.h[l].out.backward, [&](long m, long n, float *c) {
        vec s0 = {}, s1 = {};
        pack last;
        for (int r = 0; r < 32; r++) {
          const bf16 *slope = a.slope + (m + r) * 4 * d + n;
          vec u = at(c + r * 32) * widen(slope), v = at(c + r * 32 + 16) * widen(slope + 16);
          s0 += u;
          s1 += v;
          pack both = at(wide + (m + r) * 4 * d + n) = narrow(u, v);
          bf16 *tile = pairs + n * T + m * 32 + r / 2 * 32;
          if (r % 2) interleave(last, both, at(tile), at(tile + 512));
          last = both;
        }
        at(gb.fc_b + n) += s0;
        at(gb.fc_b + n + 16) += s1;
      });
      weight_gradient(T, a.y2, d, 4 * d, gb.fc_w);
      multiply(T, d, 4 * d, rows_of(wide, 4 * d), p.h[l].fc.backward, dy, d, false);
      layernorm_backward(T, d, dy, a.hat2, a.rstd2, b.ln2_w, dx, dx16, gb.ln2_w, gb.ln2_b, gb.proj_b);

      to_pairs(dx16, d, T, d, pairs);
      weight_gradient(T, a.att, d, d, gb.proj_w);
      bf16 *datt = scaled, *dqkv = wide;
      multiply(T, d, d, rows_of(dx16, d), p.h[l].proj.backward, [&](long m, long n, float *c) {
        for (int r = 0; r < 32; r++) at(datt + (m + r) * d + n) = narrow(at(c + r * 32), at(c + r * 32 + 16));
      });
      for (long t = 0; t < T; t += length)
        for (long k = 0; k < s.heads; k++)
          attention.backward(length, d, a.qkv + t * 3 * d + k * HEAD, a.att + t * d + k * HEAD, datt + t * d + k * HEAD, a.lse + t * s.heads + k * length, dqkv + t * 3 * d + k * HEAD);
      add_columns(T, 3 * d, dqkv, 3 * d, gb.qkv_b);
      to_pairs(dqkv, 3 * d, T, 3 * d, pairs);
      weight_gradient(T, a.y1, d, 3 * d, gb.qkv_w);
      multiply(T, d, 3 * d, rows_of(dqkv, 3 * d), p.h[l].qkv.backward, dy, d, false);
      layernorm_backward(T, d, dy, a.hat1, a.rstd1, b.ln1_w, dx, dx16, gb.ln1_w, gb.ln1_b, l ? g.h[l - 1].out_b : nullptr);
    }
    for (long t = 0; t < T; t++)
      for (long c = 0; c < d; c += 16) {
        at(g.wte + ids[t / length][t % length] * d + c) += at(dx + t * d + c);
        at(g.wpe + t % length * d + c) += at(dx + t * d + c);
      }
  }
};
