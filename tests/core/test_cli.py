"""The command `portal` tells what it can do, in words."""

import pytest
from django.core.management import get_commands, load_command_class

from portal import cli


def test_help_names_every_command(capsys):
    cli.main(["--help"])

    told = capsys.readouterr().out
    assert all(f"portal {name} " in told for name in cli.COMMANDS)


@pytest.mark.parametrize("name", [command for command, _ in cli.COMMANDS.values()])
def test_every_command_is_there_and_explains_itself(name):
    app = get_commands()[name]
    parser = load_command_class(app, name).create_parser("portal", name)

    assert app.startswith("portal.")
    assert len(parser.description) > 30
    undescribed = [action.dest for action in parser._actions if not action.help]
    assert not undescribed


@pytest.mark.parametrize("words", [["import"], ["staff"], ["import", "cats"]])
def test_half_a_command_tells_the_whole_ones(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)

    assert stopped.value.code == 2
    assert "portal import people" in capsys.readouterr().err
