// Muon for the hidden matrices, AdamW for everything else.
#pragma once
#include <atomic>
#include <functional>
#include <thread>
#include "model.h"

// Runs task(i, thread) for i < n on so many threads. They are started anew each time (tens of microseconds), so
// none ever spins, and a thread that gets less of its core takes fewer tasks.
inline void parallel(int threads, long n, const std::function<void(long, int)> &task) {
  std::atomic<long> next{0};
  std::vector<std::thread> team;
  for (int k = 0; k < threads; k++)
    team.emplace_back([&, k] {
      prepare_tiles();
      for (long i; (i = next++) < n;) task(i, k);
    });
  for (auto &t : team) t.join();
}

// Newton-Schulz: X[rows][cols] (rows <= cols), its singular values at most 1, goes towards U V^T:
// five times A = X X^T, X = a X + (b A + c A^2) X.
struct Orthogonaliser {
  bf16 *x16, *a16, *pairs;
  float *x, *a, *y;
  Orthogonaliser(long rows, long cols) {
    x16 = allocate<bf16>(rows * cols), a16 = allocate<bf16>(rows * rows), pairs = allocate<bf16>(rows * cols);
    x = allocate<float>(rows * cols), a = allocate<float>(rows * rows), y = allocate<float>(rows * cols);
  }
  static void round(const float *from, bf16 *to, long n) {
    for (long i = 0; i < n; i += 32) at(to + i) = narrow(at(from + i), at(from + i + 16));
  }
  void run(long rows, long cols) {
    const float A = 3.4445f, B = -4.7750f, C = 2.0315f;
    vec s = {};
    for (long i = 0; i < rows * cols; i += 16) s += at(x + i) * at(x + i);
    const float norm = sqrtf(sum(s)) + 1e-7f;
    for (long i = 0; i < rows * cols; i += 16) at(x + i) /= norm;
    for (int step = 0; step < 5; step++) {
      round(x, x16, rows * cols);
      transpose_to_pairs(x16, cols, rows, cols, pairs);
      multiply(rows, rows, cols, rows_of(x16, cols), pairs, a, rows, false);
      round(a, a16, rows * rows);
      to_pairs(a16, rows, rows, rows, pairs);
      multiply(rows, rows, rows, rows_of(a16, rows), pairs, y, rows, false);
      for (long i = 0; i < rows * rows; i += 16) at(a + i) = B * at(a + i) + C * at(y + i);
      round(a, a16, rows * rows);
      to_pairs(x16, cols, rows, cols, pairs);
      multiply(rows, cols, rows, rows_of(a16, rows), pairs, y, cols, false);
      for (long i = 0; i < rows * cols; i += 16) at(x + i) = A * at(x + i) + at(y + i);
    }
  }
};

struct Optimiser {
  Shape s;
  bool muon;
  int threads;
  float *m, *v;  // first moments (Muon's momentum, too) and second ones
  std::vector<Tensor> list;
  std::vector<Orthogonaliser> team;

  Optimiser(const Shape &s, bool muon, int threads) : s(s), muon(muon), threads(threads), m(allocate<float>(size_of(s))), v(allocate<float>(size_of(s))), list(tensors(s)) {
    for (int k = 0; k < threads; k++) team.emplace_back(s.width, 4 * s.width);
  }

  // One step with the summed gradient g; `step` counts from 1. Returns the norm of AdamW's part of g.
  float update(float *w, const float *g, long step, float muon_lr, float adam_lr) {
    struct Task { const Tensor *t; long from, count; };  // part of a vector of AdamW's, or columns of a matrix of Muon's
    std::vector<Task> adam, hidden;
    for (const Tensor &t : list)
      if (muon && t.hidden) {
        bool qkv = t.cols == 3 * t.rows;  // q, k and v are three matrices
        for (int i = 0; i < (qkv ? 3 : 1); i++) hidden.push_back({&t, i * s.width, qkv ? s.width : t.cols});
      } else
        for (long n = t.rows * t.cols, i = 0; i < n; i += 1 << 18) adam.push_back({&t, i, std::min(n - i, 1l << 18)});
    std::vector<double> part(adam.size());
    parallel(threads, adam.size(), [&](long i, int) {
      vec q = {};
      for (long j = 0; j < adam[i].count; j += 16) {
        vec x = at(g + adam[i].t->offset + adam[i].from + j);
        q += x * x;
      }
      part[i] = sum(q);
    });
    double square = 0;
    for (double x : part) square += x;
    const float norm = sqrt(square), clip = norm > 1 ? 1 / norm : 1;
    const float c1 = 1 / (1 - powf(0.9f, step)), c2 = 1 / (1 - powf(0.95f, step));
    parallel(threads, adam.size() + hidden.size(), [&](long i, int thread) {
      if (i < (long)hidden.size()) return orthogonal_step(*hidden[i].t, hidden[i].from, hidden[i].count, w, g, muon_lr, team[thread]);
      const Task &a = adam[i - hidden.size()];
      const float keep = a.t->rows > 1 ? 1 - adam_lr * 0.1f : 1;
      for (long j = a.t->offset + a.from, end = j + a.count; j < end; j += 16) {
        vec x = at(g + j) * clip;
        vec first = at(m + j) = 0.9f * at(m + j) + 0.1f * x;
        vec second = at(v + j) = 0.95f * at(v + j) + 0.05f * x * x;
        for (int k = 0; k < 16; k++) second[k] = sqrtf(second[k] * c2);
        at(w + j) = at(w + j) * keep - adam_lr * c1 * first / (second + 1e-8f);
      }
    });
    return norm;
  }

  // Columns from..from+cols of a matrix [in, out]: Nesterov momentum, orthogonalised the short side first.
  void orthogonal_step(const Tensor &t, long from, long cols, float *w, const float *g, float lr, Orthogonaliser &o) {
    const long rows = t.rows;
    const bool tall = rows > cols;
    auto place = [&](long r, long c) { return tall ? c * rows + r : r * cols + c; };
    for (long r = 0; r < rows; r++)
      for (long c = 0; c < cols; c++) {
        long i = t.offset + r * t.cols + from + c;
        m[i] = 0.95f * m[i] + 0.05f * g[i];
        o.x[place(r, c)] = 0.05f * g[i] + 0.95f * m[i];
      }
    o.run(std::min(rows, cols), std::max(rows, cols));
    const float step = lr * sqrtf(std::max(1.f, (float)cols / rows)), keep = 1 - lr * 0.1f;
    for (long r = 0; r < rows; r++)
      for (long c = 0; c < cols; c++) {
        float &x = w[t.offset + r * t.cols + from + c];
        x = x * keep - step * o.x[place(r, c)];
      }
  }
};
