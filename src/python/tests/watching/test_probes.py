"""Curvature against dense Hessians, and that nothing of it stays."""

import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon import Probes
from trainmon._enums import ProbeKind
from trainmon._report import ProbeResult

from . import oracle
from .capture import watched


def dense_hessian(model, loss):
    parameters = list(model.parameters())
    flat = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss(), parameters, create_graph=True)])
    rows = [torch.cat([r.reshape(-1) for r in torch.autograd.grad(g, parameters, retain_graph=True)]) for g in flat]
    return torch.stack(rows), flat.detach()


class ProbeTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        self.model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
        self.x, self.y = oracle.batch(examples=30, seed=9)

    def loss(self):
        return cross_entropy(self.model(self.x), self.y)

    def train(self, make, steps=3, **probes):
        optimizer = make(self.model.parameters())
        options = Probes(**{"loss": self.loss, "interval": 1, "iterations": 40, "tolerance": 1e-9, **probes})
        monitor, transport, said = watched(self.model, optimizer, exact_interval=0, probes=options)
        self.before = []
        for step in range(steps):
            optimizer.zero_grad()
            loss = self.loss()
            loss.backward()
            self.before.append((self.dense(), [(p.detach().clone(), None if p not in optimizer.state else optimizer.state[p].get("exp_avg_sq")) for p in self.model.parameters()]))
            optimizer.step()
        monitor.finish()
        self.said = said
        return optimizer, [item for item in transport.items if isinstance(item, ProbeResult)]

    def dense(self):
        return dense_hessian(self.model, self.loss)

    def test_the_largest_eigenvalue(self):
        _, results = self.train(lambda p: torch.optim.SGD(p, lr=0.1))
        self.assertEqual(self.said, [])
        self.assertEqual([(r.kind, r.step) for r in results], [(ProbeKind.SHARPNESS, k) for k in range(3)])
        for result, ((hessian, _), _) in zip(results, self.before):
            self.assertAlmostEqual(result.value, float(torch.linalg.eigvalsh(hessian)[-1]), 7)
            self.assertTrue(result.converged)

    def test_adams_preconditioned_eigenvalue(self):
        optimizer, results = self.train(lambda p: torch.optim.Adam(p, lr=0.01), steps=1)
        self.assertEqual([r.kind for r in results], [ProbeKind.SHARPNESS])  # nothing to divide by yet
        monitor, transport, _ = watched(self.model, optimizer, exact_interval=0, probes=Probes(loss=self.loss, iterations=60, tolerance=1e-10, sharpness=False))
        optimizer.zero_grad()
        self.loss().backward()
        hessian, _ = self.dense()
        root = torch.cat([((optimizer.state[p]["exp_avg_sq"] / (1 - 0.999)).sqrt() + 1e-8).reshape(-1) for p in self.model.parameters()])
        optimizer.step()
        monitor.finish()
        result = next(item for item in transport.items if isinstance(item, ProbeResult))
        expected = float(torch.linalg.eigvals(hessian / root.unsqueeze(1)).real.max())
        self.assertEqual(result.kind, ProbeKind.PRECONDITIONED_SHARPNESS)
        self.assertLess(abs(result.value - expected), 1e-5 * expected)

    def test_batch_sharpness_is_a_mean_over_fresh_batches(self):
        part = lambda k: cross_entropy(self.model(self.x[10 * k : 10 * k + 10]), self.y[10 * k : 10 * k + 10])  # noqa: E731
        expected = []
        for k in range(3):
            hessian, g = dense_hessian(self.model, lambda k=k: part(k))
            expected.append(float(g @ hessian @ g / (g @ g)))
        _, results = self.train(lambda p: torch.optim.SGD(p, lr=0.1), steps=1, sharpness=False, batch_loss=part, batches=3)
        self.assertAlmostEqual(results[0].value, sum(expected) / 3, 9)
        self.assertAlmostEqual(results[0].standard_error, torch.tensor(expected, dtype=torch.float64).std().item() / 3**0.5, 9)

    def test_critical_sharpness_is_where_the_update_stops_helping(self):
        optimizer, results = self.train(lambda p: torch.optim.SGD(p, lr=0.1), steps=1, sharpness=False, critical=True)
        self.assertEqual(self.said, [])
        rate = 2 / results[0].value
        (_, g), weights = self.before[0]
        at, losses = 0, []
        for eta in (0, rate):
            at = 0
            with torch.no_grad():
                for p, (w, _) in zip(self.model.parameters(), weights):
                    p.copy_(w - eta * g[at : at + p.numel()].reshape(p.shape))
                    at += p.numel()
            losses.append(float(self.loss()))
        self.assertTrue(results[0].converged)
        self.assertGreater(rate, 0.1)
        self.assertLess(abs(losses[1] - losses[0]), 0.03 * losses[0])

    def test_the_trace(self):
        _, results = self.train(lambda p: torch.optim.SGD(p, lr=0.1), steps=2, sharpness=False, trace_vectors=400)
        for result, ((hessian, _), _) in zip(results, self.before):
            self.assertEqual((result.kind, result.evaluations), (ProbeKind.HESSIAN_TRACE, 400))
            off = hessian - torch.diag(hessian.diag())
            self.assertAlmostEqual(result.standard_error, float((2 * off.square().sum() / 400).sqrt()), delta=0.2 * result.standard_error)
            self.assertLess(abs(result.value - float(hessian.trace())), 4 * result.standard_error)

    def test_the_gain_of_the_next_batch(self):
        def batch(step):
            return oracle.batch(seed=step)

        torch.manual_seed(2)
        model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Dropout(0.5), torch.nn.Linear(5, 3)).double()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        monitor, transport, said = watched(model, optimizer, exact_interval=0, probes=Probes(interval=2))
        expected, sharp, before = [], [], None
        for step in range(5):
            x, y = batch(step)
            again = lambda x=x, y=y: cross_entropy(model(x), y)  # noqa: E731
            optimizer.zero_grad()
            again().backward()
            random, now = torch.get_rng_state(), [p.detach().clone() for p in model.parameters()]
            if step % 2:
                with torch.no_grad():
                    after = float(again())
                    self.put(model, before)
                    torch.set_rng_state(random)
                    expected.append(float(again()) - after)
                    self.put(model, now)
            else:
                hessian, g = dense_hessian(model, again)
                sharp.append(float(g @ hessian @ g / (g @ g)))
            torch.set_rng_state(random)
            monitor.log(again=again, batch_size=10)
            optimizer.step()
            self.assertTrue(torch.equal(random, torch.get_rng_state()))
            before = now
        monitor.finish()
        self.assertEqual(said, [])
        results = [item for item in transport.items if isinstance(item, ProbeResult)]
        gains = [r for r in results if r.kind == ProbeKind.NEXT_BATCH_GAIN]
        self.assertEqual([(r.step, r.examples, r.evaluations) for r in gains], [(0, 10, 2), (2, 10, 2)])
        for result, value in zip(gains, expected):
            self.assertAlmostEqual(result.value, value, 12)
        batches = [r for r in results if r.kind == ProbeKind.BATCH_SHARPNESS]
        self.assertEqual([(r.step, r.standard_error) for r in batches], [(0, None), (2, None), (4, None)])
        for result, value in zip(batches, sharp):
            self.assertAlmostEqual(result.value, value, 9)

    def put(self, model, values):
        with torch.no_grad():
            for p, value in zip(model.parameters(), values):
                p.copy_(value)

    def test_a_gain_needs_both_steps(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        monitor, transport, said = watched(model, optimizer, exact_interval=0, probes=Probes(interval=2, batch_sharpness=False))
        for step in range(8):
            x, y = oracle.batch(seed=step)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            if step not in (1, 4):  # step 0 lacks its second batch, of step 4 nothing can begin; between 2 and 3 comes nothing, between 6 and 7 a step that is left out
                monitor.log(again=lambda x=x, y=y: cross_entropy(model(x), y))
            if step == 6:
                optimizer.step()
                monitor.skip_step()
            else:
                optimizer.step()
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual([item.step for item in transport.items if isinstance(item, ProbeResult)], [2])

    def test_no_trace(self):
        def train(watch):
            torch.manual_seed(3)
            model = oracle.network("noisy")
            optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
            x, y = oracle.batch(examples=20, seed=77, dtype=torch.float32)
            loss = lambda: cross_entropy(model(x), y)  # noqa: E731

            def careless():
                model.eval()
                if torch.is_grad_enabled():
                    loss().backward()
                return loss()

            options = Probes(loss=careless, interval=4, critical=True, batch_loss=lambda k: loss(), batches=2, trace_vectors=2)
            monitor, transport, said = watched(model, optimizer, probes=options) if watch else (None, None, [])
            for step in range(12):
                a, b = oracle.batch(seed=step, dtype=torch.float32)
                optimizer.zero_grad()
                cross_entropy(model(a), b).backward()
                if watch:
                    monitor.log(again=lambda a=a, b=b: cross_entropy(model(a), b))
                optimizer.step()
            if watch:
                monitor.finish()
                self.assertEqual({i.kind for i in transport.items if isinstance(i, ProbeResult)}, set(ProbeKind))
            self.assertEqual(said, [])
            return [v.clone() for v in model.state_dict().values()], torch.get_rng_state()

        (plain, random), (seen, seen_random) = train(False), train(True)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(plain, seen)))
        self.assertTrue(torch.equal(random, seen_random))

    def test_a_closure_that_fails_ends_the_probes_only(self):
        def fails():
            raise RuntimeError("out of data")

        _, results = self.train(lambda p: torch.optim.SGD(p, lr=0.1), loss=fails)
        self.assertEqual(results, [])
        self.assertEqual(len(self.said), 1)
        self.assertIn("out of data", self.said[0])

    def test_options_that_cannot_be_are_said(self):
        for probes, words in ((Probes(loss=self.loss, trace_vectors=-1), "trace_vectors"), (Probes(loss=self.loss, interval=0), "interval")):
            monitor, _, said = watched(self.model, torch.optim.SGD(self.model.parameters(), lr=0.1), probes=probes)
            self.assertFalse(monitor.is_on)
            self.assertIn(words, said[0])


if __name__ == "__main__":
    unittest.main()
