"""Callbacks for training frameworks. Nothing of a framework is imported until its callback is made."""
