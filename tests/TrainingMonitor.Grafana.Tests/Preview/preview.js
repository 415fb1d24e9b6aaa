// Draws a dashboard of the repository from its own JSON and the answers to its own queries: no Grafana, but the same panels, units, thresholds and alerts.
'use strict';
const CELL = 64.6, UNIT = 34;
const COLORS = ['#3274d9', '#e0752d', '#299c46', '#a352cc', '#c4162a', '#e0b400', '#37872d', '#1f60c4'];
const NAMED = { green: '#299c46', yellow: '#e0b400', orange: '#e0752d', red: '#c4162a', blue: '#3274d9', purple: '#a352cc', text: '#6e7680' };
const { dashboard, answers, annotations } = JSON.parse(document.getElementById('data').textContent);
const grid = document.getElementById('grid');
document.getElementById('title').textContent = dashboard.title;

function add(parent, tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  parent.appendChild(element);
  return element;
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return (value / 1e9).toPrecision(3) + 'G';
  if (size >= 1e6) return (value / 1e6).toPrecision(3) + 'M';
  if (size >= 1e4) return (value / 1e3).toPrecision(3) + 'K';
  return size !== 0 && size < 1e-3 ? value.toExponential(1) : String(+value.toPrecision(4));
}

function format(value, unit, decimals) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (unit === 'percentunit') return (100 * value).toFixed(decimals ?? 1) + '%';
  if (unit === 's') return value < 1 ? (1000 * value).toPrecision(3) + ' ms' : value.toPrecision(3) + ' s';
  if (unit === 'bytes' || unit === 'Bps') return short(value) + (unit === 'bytes' ? 'B' : 'B/s');
  if (unit === 'cps') return short(value) + '/s';
  if (unit === 'sci') return value.toExponential(1);
  const suffix = unit.startsWith('suffix:') ? unit.slice(7) : '';
  return (decimals === undefined ? short(value) : value.toFixed(decimals)) + suffix;
}

const levels = panel => panel.fieldConfig.defaults.thresholds.steps.filter(step => step.value !== null);
function colorOf(panel, value) {
  const steps = panel.fieldConfig.defaults.thresholds.steps;
  let color = steps[0].color;
  for (const step of steps) if (step.value !== null && value >= step.value) color = step.color;
  return NAMED[color] ?? color;
}

// Lines of a panel: a name and points (x, y).
function linesOf(panel) {
  const lines = [];
  panel.targets.forEach((target, t) => {
    for (const series of answers[panel.id][t]) {
      const x = panel.options.xField ? series.columns.indexOf(panel.options.xField) : 0;
      series.columns.forEach((column, c) => {
        if (c === 0 || c === x) return;
        const name = target.alias ? target.alias.replace(/\$tag_(\w+)/g, (_, tag) => series.tags?.[tag] ?? '') : column;
        const points = series.values.filter(row => row[c] !== null && row[x] !== null).map(row => [row[x], row[c]]);
        if (panel.options.xField) points.sort((a, b) => a[0] - b[0]);
        if (points.length) lines.push({ name, points });
      });
    }
  });
  return lines;
}

function canvasOf(box, width, height) {
  const canvas = add(box, 'canvas');
  canvas.width = width * 2; canvas.height = height * 2;
  canvas.style.width = width + 'px'; canvas.style.height = height + 'px';
  const pen = canvas.getContext('2d');
  pen.scale(2, 2);
  pen.font = '9px "DejaVu Sans", sans-serif';
  return pen;
}

const clock = ns => new Date(ns / 1e6).toISOString().slice(11, 21);
function extent(values) { let low = Infinity, high = -Infinity; for (const v of values) { if (v < low) low = v; if (v > high) high = v; } return [low, high]; }

function axes(pen, area, [x0, x1], xLabel, yLabels) {
  pen.strokeStyle = '#e7e8e9'; pen.fillStyle = '#6e7680'; pen.lineWidth = 1;
  for (const [y, text] of yLabels) {
    pen.beginPath(); pen.moveTo(area.left, y); pen.lineTo(area.right, y); pen.stroke();
    pen.textAlign = 'right'; pen.fillText(text, area.left - 4, y + 3);
  }
  pen.textAlign = 'center';
  for (let i = 0; i <= 5; i++) {
    const x = area.left + (area.right - area.left) * i / 5;
    pen.fillText(xLabel(x0 + (x1 - x0) * i / 5), Math.min(Math.max(x, area.left + 16), area.right - 16), area.bottom + 12);
  }
}

function drawLines(panel, box, width, height) {
  const lines = linesOf(panel), defaults = panel.fieldConfig.defaults, custom = defaults.custom;
  if (!lines.length) return 0;
  const log = custom.scaleDistribution?.type === 'log', steps = custom.thresholdsStyle.mode === 'off' ? [] : levels(panel);
  const pen = canvasOf(box, width, height - 16), area = { left: 62, right: width - 4, top: 4, bottom: height - 34 };
  const [x0, x1] = extent(lines.flatMap(line => line.points.map(point => point[0])));
  const shown = value => log ? (value > 0 ? Math.log10(value) : NaN) : value;
  const ys = lines.flatMap(line => line.points.map(point => shown(point[1]))).filter(Number.isFinite);
  let [y0, y1] = extent(ys.concat(steps.map(step => shown(step.value)).filter(level => Number.isFinite(level) && level <= 3 * extent(ys)[1] + 1)));
  if (y0 === y1) { y0 -= 0.5; y1 += 0.5; }
  const pad = (y1 - y0) * 0.05; y0 -= pad; y1 += pad;
  const px = x => area.left + (x - x0) / ((x1 - x0) || 1) * (area.right - area.left), py = y => area.bottom - (y - y0) / (y1 - y0) * (area.bottom - area.top);
  axes(pen, area, [x0, x1], panel.options.xField ? x => short(Math.round(x)) : clock, [0, 1, 2, 3, 4].map(i => { const y = y0 + (y1 - y0) * (0.04 + 0.23 * i); return [py(y), format(log ? 10 ** y : y, defaults.unit.replace(/suffix: .*/, 'short'))]; }));
  pen.save(); pen.beginPath(); pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top); pen.clip();
  lines.forEach((line, i) => {
    pen.strokeStyle = pen.fillStyle = COLORS[i % COLORS.length]; pen.lineWidth = 1.1;
    if (custom.drawStyle === 'bars') { for (const [x, y] of line.points) pen.fillRect(px(x) - 2 + i, py(shown(y)), 4, area.bottom - py(shown(y))); return; }
    pen.beginPath();
    let open = false;
    for (const [x, y] of line.points) { const v = shown(y); if (!Number.isFinite(v)) continue; if (open) pen.lineTo(px(x), py(v)); else pen.moveTo(px(x), py(v)); open = true; }
    pen.stroke();
    if (line.points.length < 40) for (const [x, y] of line.points) { pen.beginPath(); pen.arc(px(x), py(shown(y)), 1.8, 0, 7); pen.fill(); }
  });
  pen.setLineDash([5, 4]);
  for (const step of steps) { pen.strokeStyle = NAMED[step.color]; pen.lineWidth = 1.3; pen.beginPath(); pen.moveTo(area.left, py(shown(step.value))); pen.lineTo(area.right, py(shown(step.value))); pen.stroke(); }
  if (panel.type === 'timeseries') for (const time of annotations) { pen.strokeStyle = '#c4162a88'; pen.lineWidth = 1; pen.beginPath(); pen.moveTo(px(time), area.top); pen.lineTo(px(time), area.bottom); pen.stroke(); }
  pen.restore();
  const legend = add(box, 'div', 'legend');
  lines.forEach((line, i) => { add(legend, 'i').style.background = COLORS[i % COLORS.length]; add(legend, 'span', '', line.name); });
  return ys.length;
}

// Rows of a name each, cells by time; the colour is a scheme's (heatmap) or a mapping's (state timeline).
function drawCells(panel, box, width, height) {
  const lines = linesOf(panel);
  if (!lines.length) return 0;
  const pen = canvasOf(box, width, height), area = { left: 110, right: width - 60, top: 4, bottom: height - 18 };
  const [x0, x1] = extent(lines.flatMap(line => line.points.map(point => point[0])));
  const [v0, v1] = extent(lines.flatMap(line => line.points.map(point => point[1]))), color = panel.options.color;
  const low = color?.min ?? v0, high = color?.max ?? v1, tall = (area.bottom - area.top) / lines.length;
  const mapping = panel.fieldConfig.defaults.mappings?.[0].options;
  const paint = value => mapping ? (NAMED[mapping[value]?.color] ?? '#ccc') : scheme(color.scheme, Math.min(1, Math.max(0, (value - low) / ((high - low) || 1))));
  axes(pen, area, [x0, x1], clock, lines.map((line, i) => [area.top + tall * (i + 0.5), line.name]));
  const px = x => area.left + (x - x0) / ((x1 - x0) || 1) * (area.right - area.left);
  lines.forEach((line, i) => line.points.forEach(([x, value], k) => {
    const end = k + 1 < line.points.length ? line.points[k + 1][0] : x1 + (x1 - x0) / 100;
    pen.fillStyle = paint(value);
    pen.fillRect(px(x), area.top + tall * i + 1, Math.max(1, Math.min(px(end), area.right) - px(x) + 0.5), tall - 2);
  }));
  const words = mapping ? Object.values(mapping).map(m => [NAMED[m.color], m.text]) : [0, 0.25, 0.5, 0.75, 1].map(t => [scheme(color.scheme, t), format(low + t * (high - low), panel.fieldConfig.defaults.unit.replace(/suffix: .*/, 'none'))]);
  pen.textAlign = 'left';
  words.forEach(([fill, text], i) => { pen.fillStyle = fill; pen.fillRect(area.right + 6, area.top + 14 * i, 8, 8); pen.fillStyle = '#24292e'; pen.fillText(text.slice(0, 9), area.right + 17, area.top + 8 + 14 * i); });
  return lines.reduce((sum, line) => sum + line.points.length, 0);
}

function scheme(name, t) {
  const stops = { RdYlGn: [[215, 48, 39], [254, 224, 139], [26, 152, 80]], Oranges: [[255, 245, 235], [253, 141, 60], [127, 39, 4]], Blues: [[247, 251, 255], [107, 174, 214], [8, 48, 107]], Greens: [[247, 252, 245], [116, 196, 118], [0, 68, 27]] }[name];
  const [a, b, u] = t < 0.5 ? [stops[0], stops[1], t * 2] : [stops[1], stops[2], t * 2 - 1];
  return `rgb(${a.map((v, i) => Math.round(v + (b[i] - v) * u)).join(',')})`;
}

function drawStat(panel, box) {
  const defaults = panel.fieldConfig.defaults, values = answers[panel.id].flat().flatMap(series => series.values);
  const value = values.length ? values[values.length - 1].slice(1).find(v => v !== null) : null;
  const text = value === null || value === undefined ? defaults.noValue : format(value, defaults.unit, defaults.decimals);
  add(box, 'div', 'stat', text).style.color = value !== null && levels(panel).length ? colorOf(panel, value) : '';
  return 1;
}

function drawTable(panel, box) {
  const hidden = panel.transformations[0].options.excludeByName, renamed = panel.transformations[0].options.renameByName, table = add(box, 'table');
  const rows = answers[panel.id].flat().flatMap(series => series.values.map(values => ({ ...Object.fromEntries(series.columns.map((c, i) => [c === 'time' ? 'Time' : c, c === 'time' ? clock(values[i]) : values[i]])), ...series.tags })));
  const order = panel.transformations[0].options.indexByName;
  const columns = rows.length ? Object.keys(rows[0]).filter(column => !hidden[column]).sort((a, b) => (order[a] ?? 99) - (order[b] ?? 99)) : [];
  const head = add(table, 'tr');
  columns.forEach(column => add(head, 'th', '', renamed[column] ?? column));
  for (const row of rows.slice(0, 14)) { const line = add(table, 'tr'); columns.forEach(column => add(line, 'td', '', format(row[column], 'none'))); }
  return rows.length;
}

const DRAW = { timeseries: drawLines, trend: drawLines, heatmap: drawCells, 'state-timeline': drawCells, stat: drawStat, table: drawTable };
let bottom = 0;
for (const panel of dashboard.panels) {
  const place = panel.gridPos, box = add(grid, 'div', panel.type === 'row' ? 'row' : 'panel');
  box.style.cssText = `left:${place.x * CELL}px;top:${place.y * UNIT}px;width:${place.w * CELL - 6}px;height:${place.h * UNIT - 6}px`;
  bottom = Math.max(bottom, (place.y + place.h) * UNIT);
  if (panel.type === 'row') { box.textContent = panel.title; continue; }
  add(box, 'div', 'title', panel.title);
  const tall = panel.type !== 'stat';
  if (tall) add(box, 'div', 'description', panel.description);
  box.dataset.title = panel.title;
  box.dataset.marks = DRAW[panel.type](panel, box, place.w * CELL - 24, place.h * UNIT - 62);
}
grid.style.height = bottom + 'px';
document.body.dataset.done = 'yes';
