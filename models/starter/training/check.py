#!/usr/bin/env python3
"""Checks gpt2-train against PyTorch: OUT was made with `gpt2-train DATA OUT --dump --steps 1 ...` (and then holds
ids.bin, weights.bin and gradient.bin). Compares the loss and the gradient of each tensor. Needs torch and numpy.
Usage: check.py OUT [--length 256]
"""
import argparse
import csv
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F


def shapes(c):
    d = c['n_embd']
    yield from (('wte.weight', (c['vocab_size'], d)), ('wpe.weight', (c['n_positions'], d)))
    for i in range(c['n_layer']):
        for name, shape in (('ln_1', (d,)), ('attn.c_attn', (d, 3 * d)), ('attn.c_proj', (d, d)), ('ln_2', (d,)), ('mlp.c_fc', (d, 4 * d)), ('mlp.c_proj', (4 * d, d))):
            yield (f'h.{i}.{name}.weight', shape)
            yield (f'h.{i}.{name}.bias', shape[-1:])
    yield from (('ln_f.weight', (d,)), ('ln_f.bias', (d,)))

def unflatten(flat, config):
    at, t = (0, {})
    for name, shape in shapes(config):
        n = math.prod(shape)
        t[name] = torch.from_numpy(flat[at:at + n].copy()).view(shape)
        at += n
    assert at == len(flat)
    return t

def loss(p, config, ids):
    x, y = (ids[:, :-1], ids[:, 1:])
    b, t = x.shape
    d, heads = (config['n_embd'], config['n_head'])
    norm = lambda x, name: F.layer_norm(x, (d,), p[name + '.weight'], p[name + '.bias'])
    linear = lambda x, name: x @ p[name + '.weight'] + p[name + '.bias']
    mask = torch.full((t, t), -math.inf).triu(1)
    x = p['wte.weight'][x] + p['wpe.weight'][:t]
    for i in range(config['n_layer']):
        h = f'h.{i}.'
        q, k, v = (z.view(b, t, heads, -1).transpose(1, 2) for z in linear(norm(x, h + 'ln_1'), h + 'attn.c_attn').split(d, 2))
        z = (q @ k.transpose(-2, -1) / math.sqrt(d // heads) + mask).softmax(-1) @ v
        x = x + linear(z.transpose(1, 2).reshape(b, t, d), h + 'attn.c_proj')
        x = x + linear(F.gelu(linear(norm(x, h + 'ln_2'), h + 'mlp.c_fc'), approximate='tanh'), h + 'mlp.c_proj')
    return F.cross_entropy((norm(x, 'ln_f') @ p['wte.weight'].T).flatten(0, 1), y.flatten())

def orthogonal(g):
    x = g.T if g.shape[0] > g.shape[1] else g
    x = x / x.norm()
    for _ in range(5):
        s = x @ x.T
        x = 3.4445 * x + (-4.7750 * s + 2.0315 * s @ s) @ x
    return (x.T if g.shape[0] > g.shape[1] else x) * max(1, g.shape[1] / g.shape[0]) ** 0.5

def check_step(a, config, p, g, read):
    n = sum(t.numel() for t in p.values())
    after = unflatten(read('checkpoint.bin', np.float32)[-3 * n:-2 * n], config)
    hidden = lambda name: name.startswith('h.') and p[name].dim() == 2
    clip = min(1, 1 / math.sqrt(sum(t.square().sum().item() for name, t in g.items() if not hidden(name))))
    worst = 0
    for name, w in p.items():
        if hidden(name):
            parts = g[name].split(config['n_embd'], 1) if 'c_attn' in name else [g[name]]
            change = -0.02 * torch.cat([orthogonal(x) for x in parts], 1) - 0.02 * 0.1 * w
        else:
            x = g[name] * clip
            change = -0.002 * x / (x.abs() + 1e-8) - (0.002 * 0.1 * w if w.dim() == 2 else 0)
        worst = max(worst, ((after[name] - w - change).norm() / change.norm()).item())
    print(f'the first step differs by {worst:.4f}')
    assert worst < 0.05

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('--length', type=int, default=256)
    ap.add_argument('--optimiser', action='store_true', help='check the first step, too: it was taken with --warmup 1 and the default learning rates')
    a = ap.parse_args()
    read = lambda name, kind: np.fromfile(os.path.join(a.out, name), dtype=kind)
    config = json.load(open(os.path.join(a.out, 'config.json')))
    p = unflatten(read('weights.bin', np.float32), config)
    ours = unflatten(read('gradient.bin', np.float32), config)
    for t in p.values():
        t.requires_grad_()
    value = loss(p, config, torch.from_numpy(read('ids.bin', np.uint16).astype(np.int64)).view(-1, a.length + 1))
    value.backward()
    was = float(list(csv.DictReader(open(os.path.join(a.out, 'train.csv'))))[-1]['train'])
    print(f'loss {value.item():.4f}, gpt2-train {was:.4f}')
    worst = 0
    for name, t in p.items():
        error = ((ours[name] - t.grad).norm() / (t.grad.norm() + 1e-12)).item()
        # The gradient of the keys' bias is nought but for rounding: compare the queries' and values' alone.
        if name.endswith('c_attn.bias'):
            keep = torch.ones(3, config['n_embd'])
            keep[1] = 0
            error = (((ours[name] - t.grad) * keep.view(-1)).norm() / (t.grad * keep.view(-1)).norm()).item()
        worst = max(worst, error)
        print(f'{error:.5f} {t.grad.norm().item():.3e} {name}')
    assert abs(value.item() - was) < 0.003 and worst < 0.03, 'differs'
    print('the same, within bfloat16')
    if a.optimiser:
        check_step(a, config, p, ours, read)

if __name__ == '__main__':
    main()
