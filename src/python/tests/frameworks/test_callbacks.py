"""The callbacks on stand-ins with the hooks of the frameworks and the order in which these call them; the frameworks themselves are not at hand."""

import subprocess
import sys
import types
import unittest
from pathlib import Path
from unittest import mock

import torch
from torch.nn.functional import cross_entropy

from tests.watching import oracle
from tests.watching.capture import CaptureTransport
from trainmon._enums import Statistic
from trainmon._report import LogScalars
from trainmon.integrations import huggingface, lightning

ROOT = Path(__file__).resolve().parents[2]


class Wrapper(torch.optim.Optimizer):
    """As Accelerate's: an optimizer that holds one."""

    def __init__(self, inner):
        self.optimizer = inner
        self.param_groups, self.state, self.defaults = inner.param_groups, inner.state, inner.defaults

    def zero_grad(self, set_to_none=None):
        self.optimizer.zero_grad()

    def step(self, closure=None):
        self.optimizer.step(closure)


class Loader:
    def __init__(self, size, batch):
        self.dataset, self.batch_size = range(size), batch


class CallbackTests(unittest.TestCase):
    def setUp(self):
        self.transport = CaptureTransport()
        patch = mock.patch("trainmon._grpc.transport.GrpcTransport", lambda settings, speaker: self.transport)
        patch.start()
        self.addCleanup(patch.stop)
        self.said = []
        self.options = {"pair_interval": 1, "exact_interval": 1, "say": self.said.append}

    def scalars(self):
        return [item for item in self.transport.items if isinstance(item, LogScalars)]

    def hugging_face(self, call, logging_steps=1, accumulation=1):
        """The order of Trainer._inner_training_loop."""
        model = oracle.network()
        args = types.SimpleNamespace(train_batch_size=10, gradient_accumulation_steps=accumulation, world_size=1, run_name="a name", logging_steps=logging_steps)
        state = types.SimpleNamespace(global_step=0, is_world_process_zero=True)
        control = types.SimpleNamespace(should_training_stop=False)
        optimizer = Wrapper(torch.optim.AdamW(model.parameters(), lr=0.01))
        shared = {"model": model, "optimizer": optimizer, "train_dataloader": Loader(100, 10)}
        call.on_train_begin(args, state, control, **shared)
        for step in range(3):
            for part in range(accumulation):
                x, y = oracle.batch(seed=10 * step + part)
                loss = cross_entropy(model(x), y) / accumulation
                loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            call.on_step_end(args, state, control, **shared)
            if (step + 1) % logging_steps == 0:
                call.on_log(args, state, control, logs={"loss": float(loss), "learning_rate": 0.01, "epoch": 0.1, "note": "text"}, **shared)
        call.on_log(args, state, control, logs={"eval_loss": 2.5}, **shared)
        call.on_train_end(args, state, control, **shared)
        return model

    def test_hugging_face(self):
        self.hugging_face(huggingface.make(object, self.options))
        reports = self.transport.reports
        self.assertEqual(self.said, [])
        self.assertEqual([r.step for r in reports], [0, 1, 2])
        self.assertTrue(all(r.exact and r.values.loss is not None for r in reports))
        self.assertIn(Statistic.CROSS, reports[1].columns)
        self.assertEqual(reports[2].values.held_out_loss, 2.5)
        self.assertEqual(self.scalars()[0].scalars, {"trainer/learning_rate": 0.01, "trainer/epoch": 0.1})
        description = self.transport.description
        self.assertEqual((description.dataset_size, description.batch_size), (100, 10))

    def test_hugging_face_with_accumulation_and_a_loss_over_steps(self):
        self.hugging_face(huggingface.make(object, {**self.options, "dataset_size": 77}), logging_steps=3, accumulation=2)
        reports = self.transport.reports
        self.assertEqual([(r.unit_count, r.unit_size) for r in reports], [(2, 10)] * 3)
        self.assertEqual([r.values.loss for r in reports], [None] * 3)
        self.assertIn("trainer/loss", self.scalars()[0].scalars)
        self.assertEqual(self.transport.description.dataset_size, 77)

    def test_lightning_whose_step_holds_the_passes(self):
        call = lightning.make(object, self.options)
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        trainer = types.SimpleNamespace(
            optimizers=[optimizer], train_dataloader=Loader(100, 10), accumulate_grad_batches=1, world_size=1, should_stop=False, is_global_zero=True, sanity_checking=False,
            callback_metrics={"val_loss": torch.tensor(1.5), "train_acc": torch.tensor(0.5)})
        call.on_train_start(trainer, model)
        expected = []
        for step in range(3):
            x, y = oracle.batch(seed=step)

            def closure(x=x, y=y):
                optimizer.zero_grad()
                loss = cross_entropy(model(x), y)
                call.on_before_backward(trainer, model, loss)
                loss.backward()
                call.on_before_optimizer_step(trainer, model, optimizer)
                expected.append((float(loss), sum(float(p.grad.square().sum()) for p in model.parameters())))
                return loss

            optimizer.step(closure)
            call.on_train_batch_end(trainer, model, None, (x, y), step)
        call.on_validation_end(trainer, model)
        call.on_train_end(trainer, model)
        self.assertEqual(self.said, [])
        reports = self.transport.reports
        self.assertEqual([r.step for r in reports], [0, 1, 2])
        for report, (loss, square) in zip(reports, expected):
            self.assertAlmostEqual(report.values.loss, loss, 12)
            self.assertAlmostEqual(sum(report.columns[Statistic.GRAD_SQ]), square, 12)
            self.assertTrue(report.exact)
        self.assertEqual(reports[2].values.held_out_loss, 1.5)
        self.assertEqual(self.scalars()[-1].scalars, {"trainer/train_acc": 0.5})

    def test_a_person_may_stop_both(self):
        control, trainer = types.SimpleNamespace(should_training_stop=False), types.SimpleNamespace(should_stop=False)
        first, second = huggingface.make(object, self.options), lightning.make(object, self.options)
        for call in (first, second):
            call.follower.monitor = types.SimpleNamespace(should_stop=True)
        first.on_step_end(None, None, control)
        second.on_train_batch_end(trainer, None, None, None, 0)
        self.assertTrue(control.should_training_stop and trainer.should_stop)

    def test_a_wrong_option_is_said_and_training_goes_on(self):
        self.hugging_face(huggingface.make(object, {**self.options, "no_such": 1}))
        self.assertEqual(len(self.said), 1)
        self.assertIn("no_such", self.said[0])

    def test_an_optimizer_with_a_closure_that_is_called_often(self):
        from tests.watching.capture import watched

        model = oracle.network()
        optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)
        monitor, transport, said = watched(model, optimizer, exact_interval=0)
        x, y = oracle.batch()
        seen = []

        def closure():
            optimizer.zero_grad()
            loss = cross_entropy(model(x), y)
            loss.backward()
            seen.append(sum(float(p.grad.square().sum()) for p in model.parameters()))
            return loss

        before = oracle.weights(model)
        optimizer.step(closure)
        moved = sum(float((b - a.detach()).square().sum()) for b, a in zip(before, model.parameters()))
        monitor.finish()
        self.assertEqual(said, [])
        self.assertGreater(len(seen), 1)
        self.assertEqual(len(transport.reports), 1)
        self.assertAlmostEqual(sum(transport.reports[0].columns[Statistic.GRAD_SQ]), seen[0], 12)
        self.assertAlmostEqual(sum(transport.reports[0].columns[Statistic.UPDATE_SQ]), moved, 12)

    def test_nothing_of_a_framework_is_imported_before_it_is_used(self):
        program = "import sys, trainmon.integrations.huggingface, trainmon.integrations.lightning; print([m for m in ('torch', 'transformers', 'lightning', 'pytorch_lightning', 'grpc') if m in sys.modules])"
        self.assertEqual(subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip(), "[]")


class CommandTests(unittest.TestCase):
    def run_command(self, *arguments, **environment):
        import os

        return subprocess.run([sys.executable, "-m", "trainmon", *arguments], cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment})

    def test_help_version_example(self):
        from trainmon import __version__

        self.assertIn("the .NET tool", self.run_command().stdout)
        self.assertEqual(self.run_command("--version").stdout.strip(), f"trainmon {__version__}")
        compile(self.run_command("example").stdout.split("Hugging Face")[0], "example", "exec")

    def test_check_says_what_is_missing(self):
        told = self.run_command("check", TRAINMON_SERVER="http://127.0.0.1:1")
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        self.assertIn(f"torch {torch.__version__}", told.stdout)
        self.assertIn("does not answer", told.stdout)
        told = self.run_command("check", TRAINMON_SERVER="ftp://x")
        self.assertEqual(told.returncode, 1)
        self.assertIn("server is 'ftp://x'", told.stdout)


if __name__ == "__main__":
    unittest.main()
