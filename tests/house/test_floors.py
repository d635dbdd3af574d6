"""Foreign keys go down the floors, as imports do (import-linter holds those)."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.house


def floors():
    """The floors of pyproject.toml, the lowest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return contracts["contracts"][0]["layers"][::-1]


def relations():
    """Every foreign key and many-to-many of our own models: (model, field, model pointed at)."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("portal.")]
    return [
        (model, field.name, field.related_model)
        for model in ours
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    ]


def test_every_foreign_key_points_at_its_own_floor_or_below():
    height = {floor: number for number, floor in enumerate(floors())}
    upward = [
        f"{model._meta.label}.{name} → {target._meta.label}"
        for model, name, target in relations()
        if height.get(target._meta.app_label, -1) > height[model._meta.app_label]
    ]

    assert upward == []
    assert len(relations()) > 20


def test_every_app_stands_on_a_floor_and_in_the_architecture_page():
    named = (ROOT / "docs" / "architecture.md").read_text()
    installed = {
        config.name.removeprefix("portal.")
        for config in apps.get_app_configs()
        if config.name.startswith("portal.")
    }

    assert installed == set(floors()) - {"urls"}
    assert all(f"| `{floor}` |" in named for floor in floors())
