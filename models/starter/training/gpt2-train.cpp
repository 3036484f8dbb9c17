// Trains a small GPT-2 on a CPU. See usage() below; build with `make`.
#include <csignal>
#include <chrono>
#include <random>
#include <sys/stat.h>
#include "files.h"
#include "optimiser.h"

static const char *usage = R"(gpt2-train DATA OUT [--flag value]...
DATA holds tokenizer.json, train.bin and val.bin (prepare.py writes them). OUT gets model.safetensors, config.json,
checkpoint.bin and train.csv. A file OUT/decay holding a number begins the decay of the learning rates over so many
tokens; then the run ends. SIGTERM and SIGINT save and end it.
)";

struct Options {
  long layers = 8, dim = 320, heads = 5, context = 1024, length = 256, batch = 16384, whole = 4, warmup = 100;
  long tokens = 0, decay = 0, seed = 1, threads = 2, chunk = 512, head_chunk = 1024, steps = 0;
  double muon_lr = 0.02, adam_lr = 0.002, save_minutes = 4, report_seconds = 60;
  bool adamw = false, resume = false, dump = false;
  std::string data, out, init;
};

static Options parse(int argc, char **argv) {
  Options o;
  std::vector<std::string> names;
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    if (a.rfind("--", 0)) { names.push_back(a); continue; }
    if (a == "--adamw") { o.adamw = true; continue; }
    if (a == "--resume") { o.resume = true; continue; }
    if (a == "--dump") { o.dump = true; continue; }
    if (++i >= argc) throw std::runtime_error(a + " needs a value");
    const std::pair<const char *, long *> integers[] = {{"--layers", &o.layers}, {"--dim", &o.dim}, {"--heads", &o.heads}, {"--context", &o.context}, {"--length", &o.length}, {"--batch", &o.batch}, {"--whole", &o.whole}, {"--warmup", &o.warmup}, {"--tokens", &o.tokens}, {"--decay", &o.decay}, {"--seed", &o.seed}, {"--threads", &o.threads}, {"--chunk", &o.chunk}, {"--head-chunk", &o.head_chunk}, {"--steps", &o.steps}};
    const std::pair<const char *, double *> reals[] = {{"--muon-lr", &o.muon_lr}, {"--adam-lr", &o.adam_lr}, {"--save-minutes", &o.save_minutes}, {"--report-seconds", &o.report_seconds}};
    bool known = a == "--init";
    if (known) o.init = argv[i];
    for (auto &[name, value] : integers) if (a == name) *value = atof(argv[i]), known = true;
    for (auto &[name, value] : reals) if (a == name) *value = atof(argv[i]), known = true;
    if (!known) throw std::runtime_error("unknown flag " + a);
  }
  if (names.size() != 2) throw std::runtime_error(usage);
  o.data = names[0], o.out = names[1];
  if (o.dim != o.heads * HEAD) throw std::runtime_error("--dim must be 64 times --heads");
  if (o.context % 32 || o.length % 32 || o.batch % o.context || o.batch % o.length || o.length > o.context) throw std::runtime_error("--length and --context must be multiples of 32 that divide --batch");
  return o;
}

static volatile sig_atomic_t stop = 0;
static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

static uint64_t hash(uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15, x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9, x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// The place of i in a shuffle of 0..n-1 that `key` chooses: four Feistel rounds, again while out of range.
static uint64_t shuffled(uint64_t i, uint64_t n, uint64_t key) {
  int bits = 1;
  while (n > 1ull << 2 * bits) bits++;
  const uint64_t mask = (1ull << bits) - 1;
  do
    for (int r = 0; r < 4; r++) i = (i & mask) << bits | ((i >> bits) ^ (hash((i & mask) ^ key << 20 ^ (uint64_t)r << 60) & mask));
  while (i >= n);
  return i;
}

// Windows of a token file: one half begin where a document does, as prompts do, the other half anywhere. Each kind
// goes through the whole file in an order of its own before it begins again.
struct Windows {
  std::vector<uint16_t> data;
  std::vector<long> documents;
  Windows(const std::string &path, long end, long vocab) : data(read_tokens(path)) {
    for (size_t i = 0; i < data.size(); i++) {
      if (data[i] == end) documents.push_back(i);
      if (data[i] >= vocab) throw std::runtime_error(path + " holds an id outside the vocabulary");
    }
    if (documents.empty()) documents.push_back(0);
  }
  const uint16_t *draw(uint64_t &count, bool document, long length, uint64_t seed) const {
    const long last = (long)data.size() - length - 1;
    if (last < 0) throw std::runtime_error("too few tokens for one window");
    const uint64_t n = document ? documents.size() : last / length + 1, epoch = count / n;
    const uint64_t key = hash(seed * 4 + document * 2 + (length > 256)) + epoch, i = shuffled(count++ % n, n, key);
    return data.data() + std::min(last, document ? documents[i] : (long)(i * length + hash(key) % length));
  }
};

// What a checkpoint holds besides weights and moments.
struct State {
  char magic[8] = "gpt2tr1";
  Shape shape{};
  uint64_t seed = 0, drawn[4] = {};
  int64_t step = 0, tokens = 0, decay_from = -1, decay = 0;
};

struct Trainer {
  Options o;
  Shape s;
  long end, n;
  State state;
  float *w, *gradient;
  View view;
  PackedModel packed;
  Optimiser optimiser;
  Batch batch;
  std::vector<Worker> workers;
  Windows train, val;

  Trainer(const Options &o, std::pair<long, long> vocabulary)
      : o(o), s{o.layers, o.dim, o.heads, vocabulary.first, o.context}, end(vocabulary.second), n(size_of(s)), w(allocate<float>(n)), gradient(allocate<float>(n)), view(s, w), packed(s),
        optimiser(s, !o.adamw, o.threads), batch(s, o.batch), train(o.data + "/train.bin", end, s.vocab), val(o.data + "/val.bin", end, s.vocab) {
    if (s.vocab % 32) throw std::runtime_error("the vocabulary's size must be a multiple of 32");
    for (int k = 0; k < o.threads; k++) workers.emplace_back(s, std::max(o.chunk, o.context), o.head_chunk);
    state.shape = s;
    state.seed = o.seed;
    std::mt19937_64 random(o.seed);
    std::normal_distribution<float> normal;
    for (const Tensor &t : tensors(s))
      for (long i = 0; i < t.rows * t.cols; i++) {
        const bool residual = t.name.find("c_proj") != std::string::npos, gain = t.name.find("ln_") != std::string::npos && t.name.find("weight") != std::string::npos;
        w[t.offset + i] = t.rows > 1 ? normal(random) * 0.02f / (residual ? sqrtf(2 * s.layers) : 1) : gain;
      }
    if (!o.init.empty()) read_model(o.init, s, w);
    if (o.resume && std::ifstream(o.out + "/checkpoint.bin")) load();
  }

  void load() {
    const std::string f = read_all(o.out + "/checkpoint.bin");
    State was;
    memcpy((void *)&was, f.data(), std::min(sizeof was, f.size()));
    if (memcmp(was.magic, state.magic, 8) || memcmp(&was.shape, &s, sizeof s) || f.size() != sizeof was + 12 * n) throw std::runtime_error("checkpoint.bin is of another shape");
    state = was;
    for (int i = 0; i < 3; i++) memcpy((i == 0 ? w : i == 1 ? optimiser.m : optimiser.v), f.data() + sizeof was + i * 4 * n, 4 * n);
  }

  void save() {
    write_all(o.out + "/checkpoint.bin", {{&state, sizeof state}, {w, 4 * n}, {optimiser.m, 4 * n}, {optimiser.v, 4 * n}});
    write_model(o.out, s, end, w);
  }

  void pack() {
    std::vector<std::pair<Packed *, const float *>> all;
    for (size_t i = 0; i < packed.head.size(); i++) all.push_back({&packed.head[i], view.wte + i * SLICE * s.width});
    for (long l = 0; l < s.layers; l++) {
      auto &p = packed.h[l];
      all.insert(all.end(), {{&p.qkv, view.h[l].qkv_w}, {&p.proj, view.h[l].proj_w}, {&p.fc, view.h[l].fc_w}, {&p.out, view.h[l].out_w}});
    }
    parallel(o.threads, all.size(), [&](long i, int k) { all[i].first->set(all[i].second, workers[k].wide); });
  }

  // The mean loss of these windows; with `gradients`, their gradients, too, in `gradient`.
  double run(const std::vector<const uint16_t *> &windows, long length, bool gradients) {
    const long total = windows.size() * length, chunk = std::max(1l, o.chunk / length) * length;
    for (long t = 0; t < total; t++) batch.ids[t] = windows[t / length][t % length], batch.next[t] = windows[t / length][t % length + 1];
    batch.length = length;
    auto chunks = [&](long size, auto task) {
      parallel(o.threads, (total + size - 1) / size, [&](long i, int k) { task(workers[k], i * size, std::min(size, total - i * size)); });
    };
    if (gradients) parallel(o.threads, o.threads, [&](long k, int) { workers[k].clear(); });
    chunks(chunk, [&](Worker &k, long from, long T) { k.embed(view, batch, from, T); });
    for (long l = 0; l < s.layers; l++)
      chunks(chunk, [&](Worker &k, long from, long T) { k.forward(packed.h[l], view.h[l], l ? view.h[l - 1].out_b : nullptr, batch, batch.h[l], from, T); });
    std::vector<double> losses(total / 32);
    chunks(o.head_chunk, [&](Worker &k, long from, long T) { losses[from / 32] = k.head(packed, view, batch, from, T, gradients ? 1.f / total : 0); });
    double sum = 0;
    for (double x : losses) sum += x;
    if (!gradients) return sum / total;
    for (long l = s.layers - 1; l >= 0; l--) {
      chunks(chunk, [&](Worker &k, long from, long T) { k.backward(packed.h[l], view.h[l], batch, batch.h[l], from, T); });
      sum_layer(l);
    }
    chunks(chunk, [&](Worker &k, long from, long T) { k.embed_backward(batch, from, T); });
    sum_rest();
    return sum / total;
  }

  // to[n] = the sum over the workers of from(worker)[n], in pieces.
  template <class From> void gather(float *to, long n, From from) {
    const long piece = 1 << 14;
    parallel(o.threads, (n + piece - 1) / piece, [&](long i, int) {
      for (long j = i * piece; j < std::min(n, (i + 1) * piece); j += 16) {
        vec x = {};
        for (Worker &k : workers) x += at(from(k) + j);
        at(to + j) = x;
      }
    });
  }

  // to[rows][cols] += the transposed sum.
  template <class From> void gather_transposed(float *to, long rows, long cols, long stride, From from) {
    parallel(o.threads, rows / 16, [&](long r, int) {
      for (long c = 0; c < cols; c += 16)
        for (Worker &k : workers) {
          bits x[16];
          for (int i = 0; i < 16; i++) x[i] = *(const bits *)(from(k) + (c + i) * stride + r * 16);
          transpose(x);
          for (int i = 0; i < 16; i++) at(to + (r * 16 + i) * cols + c) += (vec)x[i];
        }
    });
  }

  void sum_layer(long l) {
    const long d = s.width;
    View g(s, gradient);
    gather(g.h[l].ln1_w, workers[0].layer_size, [](Worker &k) { return k.layer; });
    memset(g.h[l].out_w, 0, 4 * d * d * sizeof(float));
    gather_transposed(g.h[l].out_w, 4 * d, d, 4 * d, [](Worker &k) { return k.g.out_w; });
    parallel(o.threads, o.threads, [&](long k, int) { memset(workers[k].layer, 0, workers[k].layer_size * sizeof(float)); });
  }

  void sum_rest() {
    View g(s, gradient);
    gather(g.wte, s.vocab * s.width, [](Worker &k) { return k.dwte; });
    gather_transposed(g.wte, s.vocab, s.width, workers[0].stride, [](Worker &k) { return k.dhead; });
    gather(g.wpe, s.context * s.width, [](Worker &k) { return k.dwpe; });
    gather(g.lnf_w, 2 * s.width, [](Worker &k) { return k.dlnf; });
  }

  double validate() {
    const long count = std::max(1l, o.batch / s.context), rounds = std::max(1l, 65536 / o.batch);
    uint64_t drawn[2] = {};
    double sum = 0;
    for (long k = 0; k < rounds; k++) {
      std::vector<const uint16_t *> windows;
      for (long i = 0; i < count; i++) windows.push_back(val.draw(drawn[i % 2], i % 2, s.context, 7));
      sum += run(windows, s.context, false);
    }
    return sum / rounds;
  }

  // Warm-up, then constant, then linearly down to zero once the decay has begun.
  double schedule() {
    double x = std::min(1., (state.step + 1.) / o.warmup);
    if (state.decay_from >= 0) x = std::min(x, std::max(0., 1 - double(state.tokens - state.decay_from) / state.decay));
    return x;
  }

  void look_for_decay() {
    if (state.decay_from >= 0) return;
    double length = 0;
    if (std::ifstream f(o.out + "/decay"); f && f >> length) state.decay_from = state.tokens, state.decay = length;
    else if (o.tokens && state.tokens >= o.tokens - o.decay) state.decay_from = o.tokens - o.decay, state.decay = o.decay;
  }

  double step() {
    const bool whole = o.whole && state.step % o.whole == 0;
    const long length = whole ? s.context : o.length;
    std::vector<const uint16_t *> windows;
    for (long i = 0; i < o.batch / length; i++) windows.push_back(train.draw(state.drawn[whole * 2 + i % 2], i % 2, length, state.seed));
    pack();
    const double loss = run(windows, length, true), x = schedule();
    if (o.dump) dump(windows, length);
    optimiser.update(w, gradient, ++state.step, o.muon_lr * x, o.adam_lr * x);
    state.tokens += o.batch;
    return loss;
  }

  void dump(const std::vector<const uint16_t *> &windows, long length) {  // for check.py
    std::vector<uint16_t> ids;
    for (auto p : windows) ids.insert(ids.end(), p, p + length + 1);
    write_all(o.out + "/ids.bin", {{ids.data(), ids.size() * 2}});
    write_all(o.out + "/weights.bin", {{w, 4 * n}});
    write_all(o.out + "/gradient.bin", {{gradient, 4 * n}});
  }

  void main() {
    printf("%.2f M parameters, %.1f M tokens, step %ld\n", n / 1e6, train.data.size() / 1e6, (long)state.step);
    FILE *csv = fopen((o.out + "/train.csv").c_str(), state.step ? "a" : "w");
    if (!csv) throw std::runtime_error("cannot write to " + o.out);
    if (!state.step) fprintf(csv, "step,tokens,lr,train,val,tokens_per_second\n");
    double reported = now(), saved = reported, sum = 0, busy = 0;
    long steps = 0, taken = 0;
    for (bool more = true; more;) {
      look_for_decay();
      const bool over = state.decay_from >= 0 && state.tokens >= state.decay_from + state.decay;
      more = !over && !stop && !(o.steps && taken >= o.steps);
      if (steps && (!more || now() - reported > o.report_seconds)) {
        busy = now() - reported;
        pack();
        const double v = stop ? NAN : validate();
        for (FILE *f : {csv, stdout}) {
          fprintf(f, f == csv ? "%ld,%ld,%.5g,%.4f,%.4f,%.0f\n" : "step %ld tokens %ld lr %.5g train %.4f val %.4f %.0f tok/s\n", (long)state.step, (long)state.tokens, schedule() * (o.adamw ? o.adam_lr : o.muon_lr), sum / steps, v, steps * o.batch / busy);
          fflush(f);
        }
        sum = steps = 0, reported = now();
      }
      if (!more || now() - saved > o.save_minutes * 60) save(), saved = now();
      if (more) sum += step(), steps++, taken++;
    }
    fclose(csv);
  }
};

int main(int argc, char **argv) try {
  const Options o = parse(argc, argv);
  signal(SIGTERM, [](int) { stop = 1; });
  signal(SIGINT, [](int) { stop = 1; });
  mkdir(o.out.c_str(), 0777);
  Trainer(o, read_vocabulary(o.data + "/tokenizer.json")).main();
} catch (const std::exception &e) {
  fprintf(stderr, "%s\n", e.what());
  return 1;
}
