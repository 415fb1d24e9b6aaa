// Draws the charts of a run's page with ECharts (window.echarts). The server sends points once and then only new ones; they are kept here.
const charts = new Map();
const dark = window.matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => charts.forEach(draw));
window.addEventListener("resize", () => charts.forEach(c => c.chart.resize()));

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return String(Number(value.toPrecision(3)).toExponential()).replace("e+", "e");
  return String(Number(value.toPrecision(5)));
}

function when(value) {
  return new Date(value * 1000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" });
}

export function create(element, spec) {
  const chart = window.echarts.init(element, null, { renderer: "canvas" });
  const state = { chart, spec, axis: "step", points: new Map(), markers: [] };
  charts.set(spec.id, state);
  draw(state);
  // The element may get its width only after it was made.
  state.observer = new ResizeObserver(() => chart.resize());
  state.observer.observe(element);
}

export function show(id, replace, series, axis) {
  const state = charts.get(id);
  if (!state) return;
  if (replace) state.points.clear();
  state.axis = axis;
  for (const [name, more] of Object.entries(series)) {
    const have = state.points.get(name) ?? { x: [], low: [], last: [], high: [] };
    for (const key of ["x", "low", "last", "high"]) have[key] = have[key].concat(more[key]);
    state.points.set(name, have);
  }
  draw(state);
}

export function mark(id, markers) {
  const state = charts.get(id);
  if (!state) return;
  state.markers = markers;
  draw(state);
}

export function remove(id) {
  const state = charts.get(id);
  if (!state) return;
  state.observer.disconnect();
  state.chart.dispose();
  charts.delete(id);
}

// Points that can be drawn: on a logarithmic axis nothing at or below zero.
const drawable = (state, value) => value === null || (state.spec.logarithmic && value <= 0) ? null : value;

function line(state, spec) {
  const points = state.points.get(spec.series);
  const data = points ? points.x.map((x, i) => [x, x === null ? null : drawable(state, points.last[i])]) : [];
  return {
    name: spec.label, type: "line", data, z: 3, showSymbol: data.length < 3, symbolSize: 5, connectNulls: spec.series !== "loss" && sparse(points),
    lineStyle: { width: 1.8, type: spec.dashed ? "dashed" : "solid" }, color: colour(`--line-${spec.colour}`), animation: false,
  };
}

// Statistics that are not taken at every step have gaps that mean nothing.
function sparse(points) {
  return !!points && points.x.every(x => x !== null);
}

// A band from the ends of an interval, or from the smallest and largest of each bucket: nothing between two drawn points is hidden.
function band(state, spec) {
  const middle = state.points.get(spec.series);
  const low = spec.low ? state.points.get(spec.low) : null;
  const high = spec.high ? state.points.get(spec.high) : null;
  const data = [];
  // An interval without an upper end reaches to the top of the chart.
  let openAbove = false;
  if (spec.low && low && high) {
    const tops = new Map(high.x.map((x, i) => [x, high.last[i]]));
    low.x.forEach((x, i) => data.push(x === null ? [null, null, null] : [x, drawable(state, low.last[i]), tops.get(x) ?? null]));
    openAbove = true;
  } else if (!spec.low && middle) {
    middle.x.forEach((x, i) => data.push([x, drawable(state, middle.low[i]), drawable(state, middle.high[i])]));
  }
  const fill = colour(`--line-${spec.colour}`);
  return {
    name: spec.label, type: "custom", data, z: 1, silent: true, animation: false, tooltip: { show: false }, clip: true,
    encode: { x: 0, y: [1, 2] }, color: fill,
    renderItem(params, api) {
      const i = params.dataIndex;
      if (i === 0) return null;
      const a = data[i - 1], b = data[i];
      if ([a[0], a[1], b[0], b[1]].some(v => v === null) || b[0] < a[0]) return null;
      if (!openAbove && (a[2] === null || b[2] === null)) return null;
      if (a[1] === a[2] && b[1] === b[2]) return null;
      const top = point => point[2] === null ? [api.coord([point[0], point[1]])[0], params.coordSys.y] : api.coord([point[0], point[2]]);
      return {
        type: "polygon", silent: true, style: { fill, opacity: 0.22 },
        shape: { points: [api.coord([a[0], a[1]]), top(a), top(b), api.coord([b[0], b[1]])] },
      };
    },
  };
}

// Whether the reference lies so low in the chart that a label below it would meet the axis.
function low(state) {
  const values = (state.points.get(state.spec.lines[0].series)?.last ?? []).filter(v => v !== null);
  const smallest = Math.min(state.spec.reference, ...values), largest = Math.max(state.spec.reference, ...values);
  return !state.spec.logarithmic && state.spec.reference - smallest < 0.12 * (largest - smallest);
}

function marks(state) {
  const encode = window.echarts.format.encodeHTML;
  return {
    symbol: ["none", "none"], animation: false, silent: false,
    data: [
      ...state.markers.map(m => ({
        xAxis: m.x, name: m.label,
        lineStyle: { color: colour(`--${m.severity}`), width: 1.5, type: "solid" },
        label: { show: true, formatter: m.label.replace(/[{}|]/g, " "), position: "insideEndTop", color: colour("--text"), fontSize: 11, width: 150, overflow: "truncate" },
        tooltip: { formatter: () => encode(m.sentence) },
      })),
      ...(state.spec.reference === null ? [] : [{
        yAxis: state.spec.reference,
        lineStyle: { color: colour("--faint"), type: "dashed", width: 1 },
        label: { show: true, formatter: state.spec.referenceLabel, position: low(state) ? "insideEndTop" : "insideEndBottom", color: colour("--faint"), fontSize: 11 },
        tooltip: { show: false },
      }]),
    ],
  };
}

function draw(state) {
  const { chart, spec } = state;
  const text = colour("--text"), faint = colour("--faint"), grid = colour("--grid");
  const lines = spec.lines.map(l => line(state, l));
  const drawn = lines.filter(l => l.data.length > 0);
  lines[0].markLine = marks(state);
  const empty = drawn.length === 0;
  chart.setOption({
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: "inherit" },
    title: empty ? { text: "not measured yet", left: "center", top: "middle", textStyle: { color: faint, fontSize: 13, fontWeight: "normal" } } : { text: "" },
    grid: { left: 8, right: 16, top: spec.lines.length > 1 ? 30 : 14, bottom: 20, containLabel: true },
    legend: { show: spec.lines.length > 1, data: drawn.map(l => l.name), top: 0, right: 8, textStyle: { color: text }, itemHeight: 8 },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: colour("--panel"), borderColor: grid, textStyle: { color: text, fontSize: 12 }, axisPointer: { lineStyle: { color: faint } },
      valueFormatter: v => v === null || v === undefined ? "–" : short(Array.isArray(v) ? v[v.length - 1] : v),
    },
    xAxis: {
      type: "value", scale: true, min: "dataMin", max: "dataMax", name: state.axis, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: faint },
      axisLine: { onZero: false, lineStyle: { color: grid } }, splitLine: { show: false },
      axisLabel: { color: faint, hideOverlap: true, showMaxLabel: false, formatter: v => state.axis === "time" ? new Date(v * 1000).toLocaleTimeString() : short(v) },
      axisPointer: { label: { formatter: p => state.axis === "time" ? when(p.value) : `${state.axis} ${short(p.value)}` } },
    },
    yAxis: {
      type: spec.logarithmic ? "log" : "value", scale: true,
      axisLine: { show: false }, splitLine: { lineStyle: { color: grid } }, axisLabel: { color: faint, formatter: short },
    },
    series: [...lines, ...spec.lines.map(l => band(state, l))],
  }, { notMerge: true });
}
