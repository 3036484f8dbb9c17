#!/usr/bin/env python3
"""Draws the losses of a run as an SVG. Needs python3 alone.

Usage: plot.py train.csv > loss.svg
"""
import csv
import math
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 360, 56, 44, 20, 20
COLORS = {'train': '#9aa5b1', 'val': '#c2410c'}


def main(path):
    with open(path, newline='') as f:
        lines = [{k.strip(): float(v) for k, v in row.items()} for row in csv.DictReader(f)]
    curves = {name: [(row['tokens'] / 1e6, row[name]) for row in lines if row.get(name, 0) > 0] for name in COLORS}
    values = [loss for curve in curves.values() for _, loss in curve]
    most, low, high = max(t for curve in curves.values() for t, _ in curve), math.floor(min(values)), math.ceil(max(values))

    def x(tokens):
        return LEFT + tokens / most * (WIDTH - LEFT - RIGHT)

    def y(loss):
        # Logarithmic: the first minutes would take up all the height.
        return TOP + (math.log(high) - math.log(loss)) / (math.log(high) - math.log(low)) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           '<title>Loss over the tokens seen</title>',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for loss in range(low, high + 1):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(loss):.1f}" y2="{y(loss):.1f}" stroke="#e5e7eb"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss}</text>')
    step = 10 if most > 30 else 2
    for tokens in range(0, int(most) + 1, step):
        out.append(f'<text x="{x(tokens):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tokens}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">million tokens seen</text>')
    for place, (name, curve) in enumerate(curves.items()):
        points = ' '.join(f'{x(t):.1f},{y(v):.1f}' for t, v in curve)
        out.append(f'<polyline fill="none" stroke="{COLORS[name]}" stroke-width="1.5" points="{points}"/>')
        out.append(f'<text x="{WIDTH - RIGHT - 8}" y="{TOP + 16 + 18 * place}" text-anchor="end" fill="{COLORS[name]}">{name} loss: {curve[-1][1]:.2f} at the end</text>')
    print('\n'.join(out + ['</svg>']))


main(sys.argv[1])
