// Matrix products in bfloat16 with fp32 sums, in tiles of 16 rows x 64 bytes: AMX where the compiler
// targets it (about 2 TFLOPS a core), plain loops elsewhere.
//
// C[M,N] = A[M,K] B[K,N]. M, N and K are multiples of 32. A ("Left") is read as it lies: row-major, or in
// tiles. B is packed in "pairs": for each panel of 32 columns, for each 32 values of k, two tiles of 16
// columns, whose 16 rows hold two successive k each, side by side: [N/32][K/32][2][16][16][2].
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#if defined(__AVX512F__) || defined(__AMX_BF16__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef uint16_t bf16;
typedef float vec __attribute__((vector_size(64), may_alias));           // 16 floats
typedef uint32_t bits __attribute__((vector_size(64), may_alias));       // their bits
typedef int32_t lanes __attribute__((vector_size(64), may_alias));
typedef uint16_t half __attribute__((vector_size(32), may_alias));       // 16 bf16
typedef uint16_t pack __attribute__((vector_size(64), may_alias));       // 32 bf16
const lanes LANE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

inline vec &at(float *p) { return *(vec *)p; }
inline const vec &at(const float *p) { return *(const vec *)p; }
inline pack &at(bf16 *p) { return *(pack *)p; }
inline const pack &at(const bf16 *p) { return *(const pack *)p; }
inline vec all(float x) { return x - vec{}; }

// Past the caches, for what is read much later.
inline void stream(bf16 *p, pack x) {
#ifdef __AVX512F__
  _mm512_stream_si512((__m512i *)p, (__m512i)x);
#else
  at(p) = x;
#endif
}

inline vec widen(const bf16 *p) { return (vec)(__builtin_convertvector(*(const half *)p, bits) << 16); }

inline pack narrow(vec a, vec b) {  // round to nearest even
#ifdef __AVX512BF16__
  return (pack)_mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
#else
  bits x[2] = {(bits)a, (bits)b};
  pack y;
  for (int i = 0; i < 32; i++) {
    uint32_t u = x[i / 16][i % 16];
    y[i] = (u + 0x7fff + (u >> 16 & 1)) >> 16;
  }
  return y;
#endif
}

inline float sum(vec a) {
#ifdef __AVX512F__
  return _mm512_reduce_add_ps((__m512)a);
#else
  float s = 0;
  for (int i = 0; i < 16; i++) s += a[i];
  return s;
#endif
}

inline vec least(vec a, vec b) { return a < b ? a : b; }

// 2^x; relative error 3e-6.
inline vec exp2(vec x) {
#ifdef __AVX512DQ__
  vec f = (vec)_mm512_reduce_ps((__m512)x, 9);  // x - floor(x)
#else
  x = x < -126.f ? all(-126) : x;
  lanes n = __builtin_convertvector(x, lanes);
  n += (lanes)(__builtin_convertvector(n, vec) > x);
  vec f = x - __builtin_convertvector(n, vec);
#endif
  vec p = (((0.01353415f * f + 0.05201151f) * f + 0.24144272f) * f + 0.69300385f) * f + 1.00000259f;
#ifdef __AVX512DQ__
  return (vec)_mm512_scalef_ps((__m512)p, (__m512)x);
#else
  return (vec)((lanes)p + (n << 23));
#endif
}

inline vec reciprocal(vec x) {
#ifdef __AVX512F__
  return (vec)_mm512_rcp14_ps((__m512)x);
#else
  return 1 / x;
#endif
}

template <class T> T *allocate(size_t n) {  // zeroed, in huge pages where there are some
  size_t huge = 2 << 20, bytes = (n * sizeof(T) + huge - 1) / huge * huge;
  void *p = aligned_alloc(huge, bytes);
  madvise(p, bytes, MADV_HUGEPAGE);
  return (T *)memset(p, 0, bytes);
}

// Each thread calls this before it multiplies.
inline void prepare_tiles() {
#ifdef __AMX_BF16__
  syscall(SYS_arch_prctl, 0x1023, 18);  // ARCH_REQ_XCOMP_PERM: the kernel's leave to use AMX
  struct { uint8_t palette = 1, start = 0, reserved[14] = {}; uint16_t bytes[16] = {}; uint8_t rows[16] = {}; } shape;
  for (int i = 0; i < 8; i++) shape.bytes[i] = 64, shape.rows[i] = 16;
  _tile_loadconfig(&shape);
#endif
#ifdef __AVX512F__
  _mm_setcsr(_mm_getcsr() | 0x8040);  // denormal numbers are zero
#endif
}

// The left operand: tile (i, k), of 16 rows x 32 values of k, begins at `data + i*down + k*along`.
struct Left {
  const bf16 *data;
  long row, down, along;
};
inline Left rows_of(const bf16 *x, long stride) { return {x, stride, 16 * stride, 32}; }
inline Left tiles_of(const bf16 *x, long K) { return {x, 32, 16 * K, 512}; }

// A 32x32 block of C from tile rows i and i+1 of A and one panel of B, over steps k0 to k1 of 32 values. Between the
// steps meanwhile(0) to meanwhile(15) are called: vector work on other data, which the processor does beside the tiles'.
template <class Meanwhile> inline void block(Left a, long i, const bf16 *b, long k0, long k1, float *c, Meanwhile meanwhile) {
  const bf16 *upper = a.data + i * a.down + k0 * a.along, *lower = upper + a.down;
  const long steps = k1 - k0;
  long done = 0;
  b += k0 * 1024;
#ifdef __AMX_BF16__
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (long k = 1; k <= steps; k++, upper += a.along, lower += a.along, b += 1024) {
    _tile_loadd(4, upper, a.row * 2);
    _tile_loadd(6, b, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + 512, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, lower, a.row * 2);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    for (; done * steps < 16 * k; done++) meanwhile(done);
  }
  _tile_stored(0, c, 128);
  _tile_stored(1, c + 16, 128);
  _tile_stored(2, c + 512, 128);
  _tile_stored(3, c + 528, 128);
#else
  for (int r = 0; r < 32; r++) {
    vec s[2] = {};
    const bf16 *x = (r < 16 ? upper : lower) + r % 16 * a.row;
    for (long k = 0; k < steps; k++)
      for (int p = 0; p < 16; p++) {
        uint32_t e = (uint32_t)x[k * a.along + 2 * p] << 16, o = (uint32_t)x[k * a.along + 2 * p + 1] << 16;
        float even, odd;
        memcpy(&even, &e, 4);
        memcpy(&odd, &o, 4);
        for (int t = 0; t < 2; t++) {
          bits w = *(const bits *)(b + k * 1024 + t * 512 + p * 32);
          s[t] += even * (vec)(w << 16) + odd * (vec)(w & 0xffff0000u);
        }
      }
    at(c + r * 32) = s[0];
    at(c + r * 32 + 16) = s[1];
  }
  for (; done < 16; done++) meanwhile(done);
#endif
}
inline void block(Left a, long i, const bf16 *b, long k0, long k1, float *c) {
  block(a, i, b, k0, k1, c, [](long) {});
}

// C = A B, taken block by block: MC rows of A and KC values of k at a time, so that A's part stays in the L2 cache.
// rows(m, n, k, c) gets rows m and m+1, columns n to n+31, of the sum over KC values from k on, as c[2][32]; it runs
// while the next block is multiplied.
template <class Rows> inline void multiply_blocks(long M, long N, long K, Left a, const bf16 *b, long MC, long KC, Rows rows) {
  alignas(64) float c[2][32 * 32];
  long pm = -1, pn = 0, pk = 0, turn = 0;
  auto last = [&](long i) {
    if (pm >= 0) rows(pm + 2 * i, pn, pk, c[!turn] + 64 * i);
  };
  for (long m0 = 0; m0 < M; m0 += MC)
    for (long k = 0; k < K; k += KC)
      for (long n = 0; n < N; n += 32)
        for (long m = m0; m < std::min(M, m0 + MC); m += 32) {
          block(a, m / 16, b + n * K, k / 32, std::min(K, k + KC) / 32, c[turn], last);
          pm = m, pn = n, pk = k, turn = !turn;
        }
  for (long i = 0; i < 16; i++) last(i);
}

// rows(m, n, c) gets finished sums.
template <class Rows> void multiply(long M, long N, long K, Left a, const bf16 *b, Rows rows) {
  multiply_blocks(M, N, K, a, b, 512, K, [&](long m, long n, long, const float *c) { rows(m, n, c); });
}

// C = A B, or C += A B, in fp32.
inline void multiply(long M, long N, long K, Left a, const bf16 *b, float *to, long stride, bool add) {
  multiply_blocks(M, N, K, a, b, 320, 2048, [&](long m, long n, long k, const float *c) {
    float *p = to + m * stride + n;
    if (add || k) at(p) += at(c), at(p + 16) += at(c + 16), at(p + stride) += at(c + 32), at(p + stride + 16) += at(c + 48);
    else at(p) = at(c), at(p + 16) = at(c + 16), at(p + stride) = at(c + 32), at(p + stride + 16) = at(c + 48);
  });
}

// Two rows of 32 values become one row of each of two tiles of pairs.
inline void interleave(pack a, pack b, pack &first, pack &second) {
  first = __builtin_shuffle(a, b, (pack){0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47});
  second = __builtin_shuffle(a, b, (pack){16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63});
}

// 16x16 values of 32 bits, each a float or a pair of bf16, are transposed.
inline void transpose(bits r[16]) {
#define STAGE(S, LOW, HIGH)                                   \
  for (int i = 0; i < 16; i++)                                \
    if (!(i & S)) {                                           \
      bits a = r[i], b = r[i + S];                            \
      r[i] = __builtin_shuffle(a, b, LOW);                    \
      r[i + S] = __builtin_shuffle(a, b, HIGH);               \
    }
  STAGE(1, ((bits){0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30}), ((bits){1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31}))
  STAGE(2, ((bits){0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29}), ((bits){2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31}))
  STAGE(4, ((bits){0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27}), ((bits){4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31}))
  STAGE(8, ((bits){0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23}), ((bits){8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31}))
#undef STAGE
}

// x[K][N] as B.
inline void to_pairs(const bf16 *x, long stride, long K, long N, bf16 *to) {
  for (long k = 0; k < K; k += 2)
    for (long n = 0; n < N; n += 32) {
      bf16 *tile = to + n * K + k / 32 * 1024 + k % 32 * 16;
      interleave(at(x + k * stride + n), at(x + (k + 1) * stride + n), at(tile), at(tile + 512));
    }
}

// The transpose of x[N][K] as B.
inline void transpose_to_pairs(const bf16 *x, long stride, long N, long K, bf16 *to) {
  for (long n = 0; n < N; n += 16)
    for (long k = 0; k < K; k += 32) {
      bits r[16];
      for (int i = 0; i < 16; i++) r[i] = *(const bits *)(x + (n + i) * stride + k);
      transpose(r);
      bits *tile = (bits *)(to + n / 32 * 32 * K + k * 32 + n % 32 * 32);
      for (int i = 0; i < 16; i++) tile[i] = r[i];
    }
}

// The transpose of x[K][M] as the tiles of A.
inline void transpose_to_tiles(const bf16 *x, long stride, long K, long M, bf16 *to) {
  for (long k = 0; k < K; k += 32)
    for (long m = 0; m < M; m += 32) {
      alignas(64) bits r[2][16];
      for (int i = 0; i < 16; i++)
        interleave(at(x + (k + 2 * i) * stride + m), at(x + (k + 2 * i + 1) * stride + m), (pack &)r[0][i], (pack &)r[1][i]);
      for (int t = 0; t < 2; t++) {
        transpose(r[t]);
        bits *tile = (bits *)(to + (m + 16 * t) * K + k * 16);
        for (int i = 0; i < 16; i++) tile[i] = r[t][i];
      }
    }
}
