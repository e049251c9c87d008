"""Every function of the C extension is called by the package: a row of python/src/rows_*.c that nobody asks for is dead."""

import ast
import pathlib

import heihachi
from heihachi import _core

MODULES = [ast.parse(path.read_text()) for path in sorted(pathlib.Path(heihachi.__file__).parent.rglob("*.py"))]


def is_core(node):
    return isinstance(node, ast.Name) and node.id == "_core"


def nodes(tree, kind):
    return [node for node in ast.walk(tree) if isinstance(node, kind)]


def calls(tree):
    """(name of the function, arguments) of the calls of functions, of the module or of another."""
    found = [(node.func, node.args) for node in nodes(tree, ast.Call)]
    return [(f.id if isinstance(f, ast.Name) else f.attr, given) for f, given in found if isinstance(f, (ast.Name, ast.Attribute))]


def named(module):
    """The X of `_core.X`, and of `from ._core import X`."""
    imports = [node for node in nodes(module, ast.ImportFrom) if node.module == "_core"]
    return {node.attr for node in nodes(module, ast.Attribute) if is_core(node.value)}.union(
        alias.name for node in imports for alias in node.names
    )


def askers(module):
    """Functions that ask _core for what their first argument says, and what they add to it."""
    found = {}
    functions = [node for node in nodes(module, ast.FunctionDef) if node.args.args]
    for function in functions * 3:  # one may ask by way of another
        first, suffixes = function.args.args[0].arg, found.setdefault(function.name, set())
        for callee, arguments in calls(function):
            if callee == "getattr" and is_core(arguments[0]):
                name = arguments[1]
                stem, suffix = (name.left, name.right.value) if isinstance(name, ast.BinOp) else (name, "")
                assert stem.id == first, "a name of _core that the function's first argument does not say"
                suffixes.add(suffix)
            elif arguments and getattr(arguments[0], "id", None) == first:
                suffixes |= found.get(callee, set())
    return found


def asked(module, asking):
    """What the calls of such functions ask for: NAME_from only if there may be a spectrogram, which is their third
    argument or, of a function of more, one after it."""
    for callee, arguments in calls(module):
        if arguments and isinstance(arguments[0], ast.Constant):
            without = any(isinstance(argument, ast.Constant) and argument.value is None for argument in arguments[2:4])
            yield from (arguments[0].value + suffix for suffix in asking.get(callee, ()) if not (suffix and without))


def test_every_function_of_the_extension_has_a_caller():
    asking = {name: suffixes for module in MODULES for name, suffixes in askers(module).items() if suffixes}
    reached = set()
    for module in MODULES:
        reached |= named(module) | set(asked(module, asking))
    functions = {name for name, value in vars(_core).items() if callable(value) and not isinstance(value, type)}
    assert functions - reached == set()
    assert reached - set(dir(_core)) == set()
