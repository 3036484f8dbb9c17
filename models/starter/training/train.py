#!/usr/bin/env python3
"""Trains the starter model: GPT-2's own architecture, small, on prepare.py's output. CPU or CUDA.

Writes OUT/model.safetensors with openai-community/gpt2's tensor names, OUT/config.json and a checkpoint
to go on from. Needs: python3 with torch and numpy (no other package).
Usage: train.py DATA OUT [--layers 6 --dim 256 --heads 8 --context 512] [--minutes 60] [--resume]
"""
import argparse
import json
import math
import os
import struct
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = (nn.LayerNorm(dim), nn.LayerNorm(dim))
        self.c_attn, self.c_proj = (nn.Linear(dim, 3 * dim), nn.Linear(dim, dim))
        self.c_fc, self.m_proj = (nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim))

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in self.c_attn(self.ln_1(x)).split(d, 2))
        if hasattr(F, 'scaled_dot_product_attention'):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            y = F.softmax(q @ k.transpose(-2, -1) / math.sqrt(d // self.heads) + mask[:t, :t], -1) @ v
        x = x + self.c_proj(y.transpose(1, 2).reshape(b, t, d))
        return x + self.m_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate='tanh'))

class GPT2(nn.Module):

    def __init__(self, vocab, dim, layers, heads, context):
        super().__init__()
        self.wte, self.wpe, self.ln_f = (nn.Embedding(vocab, dim), nn.Embedding(context, dim), nn.LayerNorm(dim))
        self.h = nn.ModuleList((Block(dim, heads) for _ in range(layers)))
        self.register_buffer('mask', torch.triu(torch.full((context, context), -1000000000.0), 1), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02 / (math.sqrt(2 * layers) if 'proj' in name else 1))
            elif 'ln_' not in name:
                nn.init.zeros_(p)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device))
        for block in self.h:
            x = block(x, self.mask)
        return F.cross_entropy((self.ln_f(x) @ self.wte.weight.T).flatten(0, 1).float(), targets.flatten())

def save(model, out, cfg):
    """GPT-2's checkpoint stores linear weights as [in, out] (Conv1D); the names are the public checkpoint's."""
    t = {'wte.weight': model.wte.weight, 'wpe.weight': model.wpe.weight, 'ln_f.weight': model.ln_f.weight, 'ln_f.bias': model.ln_f.bias}
    for i, b in enumerate(model.h):
        for ours, theirs in (('ln_1', 'ln_1'), ('ln_2', 'ln_2'), ('c_attn', 'attn.c_attn'), ('c_proj', 'attn.c_proj'), ('c_fc', 'mlp.c_fc'), ('m_proj', 'mlp.c_proj')):
            m = getattr(b, ours)
            t[f'h.{i}.{theirs}.weight'] = m.weight.T if isinstance(m, nn.Linear) else m.weight
            t[f'h.{i}.{theirs}.bias'] = m.bias
    header, blobs, at = ({'__metadata__': {'format': 'pt'}}, [], 0)
    for name, v in t.items():
        raw = v.detach().cpu().contiguous().to(torch.float16).numpy().tobytes()
        header[name] = {'dtype': 'F16', 'shape': list(v.shape), 'data_offsets': [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    head = json.dumps(header).encode()
    head += b' ' * (-len(head) % 8)
    with open(os.path.join(out, 'model.safetensors'), 'wb') as f:
        f.write(struct.pack('<Q', len(head)) + head + b''.join(blobs))
    json.dump(cfg, open(os.path.join(out, 'config.json'), 'w'), indent=1)

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('data')
    ap.add_argument('out')
    for name, value in (('layers', 6), ('dim', 256), ('heads', 8), ('context', 512), ('batch', 8), ('length', 256), ('warmup', 100)):
        ap.add_argument('--' + name, type=int, default=value)
    ap.add_argument('--lr', type=float, default=0.0015)
    ap.add_argument('--minutes', type=float, default=60)
    ap.add_argument('--resume', action='store_true')
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    dev = 'cuda' if torch.cuda.is_available() else 'cpu'
    torch.manual_seed(1)
    tok = json.load(open(os.path.join(a.data, 'tokenizer.json')))
    vocab = len(tok['model']['vocab'])
    end = tok['model']['vocab']['<|endoftext|>']
    train, val = (torch.from_numpy(np.fromfile(os.path.join(a.data, n + '.bin'), dtype=np.uint16).astype(np.int64)) for n in ('train', 'val'))
    cfg = {'architectures': ['GPT2LMHeadModel'], 'model_type': 'gpt2', 'vocab_size': vocab, 'n_positions': a.context, 'n_ctx': a.context, 'n_embd': a.dim, 'n_layer': a.layers, 'n_head': a.heads, 'activation_function': 'gelu_new', 'layer_norm_epsilon': 1e-05, 'bos_token_id': end, 'eos_token_id': end}
    model = GPT2(vocab, a.dim, a.layers, a.heads, a.context).to(dev)
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() < 2]
    opt = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.1}, {'params': rest, 'weight_decay': 0}], lr=a.lr, betas=(0.9, 0.95))
    step, ckpt = (0, os.path.join(a.out, 'checkpoint.pt'))
    if a.resume and os.path.exists(ckpt):
        c = torch.load(ckpt, map_location=dev)
        model.load_state_dict(c['model'])
        step = c['step']
        'opt' in c and opt.load_state_dict(c['opt'])
    print(f'{sum((p.numel() for p in model.parameters())) / 1000000.0:.2f} M parameters, {len(train) / 1000000.0:.1f} M tokens, {dev}', flush=True)
    starts = {id(d): (d == end).nonzero().flatten() for d in (train, val)}

    def batch(data, n, length):
        """Half of the windows begin where a document does, as prompts do; the others anywhere."""
        i = torch.randint(len(data) - length - 1, (n,))
        s = starts[id(data)]
        for k in range(0, n, 2):
            i[k] = min(int(s[torch.randint(len(s), (1,))]), len(data) - length - 2)
        x = torch.stack([data[j:j + length + 1] for j in i]).to(dev)
        return (x[:, :-1], x[:, 1:])

    @torch.no_grad()
    def validate():
        state = torch.random.get_rng_state()
        torch.manual_seed(7)
        with torch.autocast(dev, torch.bfloat16):
            loss = np.mean([model(*batch(val, 8, a.context)).item() for _ in range(12)])
        torch.random.set_rng_state(state)
        return loss

    began = time.time()
    last = began
    first = step
    while (spent := ((time.time() - began) / 60 / a.minutes)) < 1:
        # Warm-up, then a cosine over the minutes given.
        lr = a.lr * min(1, (step - first + 1) / a.warmup) * (0.05 + 0.95 * (0.5 + 0.5 * math.cos(math.pi * spent)))
        for group in opt.param_groups:
            group['lr'] = lr
        # Some steps see the whole context, so that all positions are trained.
        whole = step % (4 if spent < 0.67 else 2) == 0
        x, y = batch(train, max(a.batch * a.length // a.context, 1) if whole else a.batch, a.context if whole else a.length)
        # bfloat16 is five times faster on a CPU with AVX512-BF16, too.
        with torch.autocast(dev, torch.bfloat16):
            loss = model(x, y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        step += 1
        if time.time() - last > 120:
            last = time.time()
            done = step - first
            print(f'{(last - began) / 60:.1f} min step {step} lr {lr:.1e} train {loss.item():.3f} val {validate():.3f} {done * a.batch * a.length / (last - began):.0f} tok/s', flush=True)
            save(model, a.out, cfg)
            torch.save({'model': model.state_dict(), 'opt': opt.state_dict(), 'step': step}, ckpt)
    print(f'end: step {step} val {validate():.3f}', flush=True)
    save(model, a.out, cfg)
    torch.save({'model': model.state_dict(), 'opt': opt.state_dict(), 'step': step}, ckpt)

if __name__ == '__main__':
    main()
