// What the trainer reads and writes: tokens, the vocabulary's size, checkpoints, the public model format.
#pragma once
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include "model.h"

inline std::string read_all(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  if (!f) throw std::runtime_error("cannot read " + path);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}

// Under a temporary name first, so that no reader and no crash sees half a file.
inline void write_all(const std::string &path, const std::vector<std::pair<const void *, size_t>> &parts) {
  const std::string temporary = path + ".tmp";
  FILE *f = fopen(temporary.c_str(), "wb");
  bool good = f;
  for (auto &[data, size] : parts) good = good && fwrite(data, 1, size, f) == size;
  good = good && fflush(f) == 0 && fsync(fileno(f)) == 0;
  if (f) good = fclose(f) == 0 && good;
  if (!good || rename(temporary.c_str(), path.c_str())) throw std::runtime_error("cannot write " + path);
}

inline std::vector<uint16_t> read_tokens(const std::string &path) {
  std::string s = read_all(path);
  std::vector<uint16_t> t(s.size() / 2);
  memcpy(t.data(), s.data(), t.size() * 2);
  return t;
}

// The number of entries of tokenizer.json's model.vocab, and the id of its end-of-text mark.
inline std::pair<long, long> read_vocabulary(const std::string &path) {
  const std::string s = read_all(path);
  long size = 0, end = -1;
  for (size_t i = s.find('{', s.find("\"vocab\"")) + 1; i < s.size() && s[i] != '}'; i++)
    if (s[i] == '"') {
      size_t from = ++i;
      for (; s[i] != '"'; i++) i += s[i] == '\\';
      if (s.compare(from, i - from, "<|endoftext|>") == 0) end = atol(s.c_str() + s.find(':', i) + 1);
      size++;
    }
  if (end < 0) throw std::runtime_error("no <|endoftext|> in " + path);
  return {size, end};
}

inline uint16_t to_half(float x) {  // IEEE half precision, to nearest even
  uint32_t u;
  memcpy(&u, &x, 4);
  uint32_t sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
  if (a >= 0x47800000) return sign | (a > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (a < 0x38800000) {  // below 2^-14: a multiple of 2^-24
    float y = fabsf(x) * 16777216.f;
    return sign | (uint16_t)lrintf(y);
  }
  return sign | ((a - 0x38000000 + 0xfff + (a >> 13 & 1)) >> 13);
}
inline float from_half(uint16_t h) {
  float a = (h & 0x7c00) ? ldexpf((h & 0x3ff) | 0x400, (h >> 10 & 31) - 25) : ldexpf(h & 0x3ff, -24);
  return h & 0x8000 ? -a : a;
}

inline void write_model(const std::string &out, const Shape &s, long end, const float *w) {
  std::vector<uint16_t> data(size_of(s));
  for (size_t i = 0; i < data.size(); i++) data[i] = to_half(w[i]);
  std::stringstream h;
  h << "{\"__metadata__\": {\"format\": \"pt\"}";
  for (const Tensor &t : tensors(s)) {
    h << ", \"" << t.name << "\": {\"dtype\": \"F16\", \"shape\": [";
    if (t.rows > 1) h << t.rows << ", ";
    h << t.cols << "], \"data_offsets\": [" << t.offset * 2 << ", " << (t.offset + t.rows * t.cols) * 2 << "]}";
  }
  h << "}";
  std::string head = h.str();
  head.resize((head.size() + 7) / 8 * 8, ' ');
  uint64_t length = head.size();
  write_all(out + "/model.safetensors", {{&length, 8}, {head.data(), head.size()}, {data.data(), data.size() * 2}});
  std::stringstream c;
  c << "{\n \"architectures\": [\n  \"GPT2LMHeadModel\"\n ],\n \"model_type\": \"gpt2\",\n \"vocab_size\": " << s.vocab << ",\n \"n_positions\": " << s.context
    << ",\n \"n_ctx\": " << s.context << ",\n \"n_embd\": " << s.width << ",\n \"n_layer\": " << s.layers << ",\n \"n_head\": " << s.heads
    << ",\n \"activation_function\": \"gelu_new\",\n \"layer_norm_epsilon\": 1e-05,\n \"bos_token_id\": " << end << ",\n \"eos_token_id\": " << end << "\n}";
  const std::string config = c.str();
  write_all(out + "/config.json", {{config.data(), config.size()}});
}

inline void read_model(const std::string &path, const Shape &s, float *w) {
  const std::string f = read_all(path);
  uint64_t length;
  memcpy(&length, f.data(), 8);
  const std::string head = f.substr(8, length);
  for (const Tensor &t : tensors(s)) {
    size_t i = head.find("\"" + t.name + "\"");
    if (i == std::string::npos) throw std::runtime_error(path + " lacks " + t.name);
    const std::string entry = head.substr(i, head.find('}', i) - i);
    const bool single = entry.find("\"F32\"") != std::string::npos;
    const size_t o = entry.find('[', entry.find("data_offsets")) + 1, n = t.rows * t.cols;
    const size_t from = atol(entry.c_str() + o), to = atol(entry.c_str() + entry.find(',', o) + 1);
    if (to - from != n * (single ? 4 : 2) || 8 + length + to > f.size()) throw std::runtime_error(path + ": another shape of " + t.name);
    for (size_t k = 0; k < n; k++) {
      uint16_t h;
      if (single) memcpy(w + t.offset + k, &f[8 + length + from + k * 4], 4);
      else memcpy(&h, &f[8 + length + from + k * 2], 2), w[t.offset + k] = from_half(h);
    }
  }
}
