"""Global tables as scripts use them: cells by number or header, rows and columns added, removed, sorted.

Not covered: `Table.query` (SQL), indices, bundles.
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_nodes import MAX_CELLS, Row, TableNode
from gdt2usd.script.interpreter_values import Array, ScriptFault, Value, number, same, text, whole


def cell(row: Row, column: Value) -> Value:
    """`table[row][column]`. Raises ScriptFault."""
    return row.table.rows[row.index][row.table.column_number(column)]


def set_cell(frame: Frame, row: Row, column: Value, value: Value) -> None:
    """`table[row][column] = value`. Raises ScriptFault."""
    frame.spend(1)
    row.table.rows[row.index][row.table.column_number(column)] = value


def call_table(frame: Frame, table: TableNode, name: str, arguments: list[Value]) -> Value:
    """`table.name(arguments)`; NotImplemented if tables have no such method. Raises ScriptFault."""
    method = _METHODS.get(name)
    if method is None:
        return NotImplemented
    try:
        return method(frame, table, *arguments)
    except TypeError:
        raise ScriptFault("FS312", f"{name}() does not take {len(arguments)} arguments of these types") from None


def _set_size(frame: Frame, table: TableNode, rows: Value, columns: Value, *rest: Value) -> Value:
    frame.hold(max(0, whole(rows)) * max(1, whole(columns)))
    table.resize_table(whole(rows), whole(columns))
    return table


def _add_row(frame: Frame, table: TableNode, at: Value = 0, kind: Value = 0) -> Value:
    columns, count = len(table.column_names), len(table.rows) + 1
    frame.hold(columns)
    if count * max(columns, 1) > MAX_CELLS:
        raise ScriptFault("FS303", f"a table of more than {MAX_CELLS} cells is more than this model holds")
    table.rows.append([0] * columns)
    table.row_names.append(f"Row {count}")
    _move(table.rows, count, whole(at))
    return table


def _add_column(frame: Frame, table: TableNode, at: Value = 0, kind: Value = 0) -> Value:
    frame.hold(len(table.rows))
    table.resize_table(len(table.rows), len(table.column_names) + 1)
    for row in table.rows:
        _move(row, len(row), whole(at))
    return table


def _move(row: list[Value], source: int, target: int) -> None:
    if 1 <= target <= len(row) and 1 <= source <= len(row):
        row.insert(target - 1, row.pop(source - 1))


def _delete_row(frame: Frame, table: TableNode, at: Value) -> Value:
    index = table.row_number(at)
    del table.rows[index], table.row_names[index]
    return table


def _delete_column(frame: Frame, table: TableNode, at: Value) -> Value:
    index = table.column_number(at)
    del table.column_names[index]
    for row in table.rows:
        del row[index]
    return table


def _header(names: list[str], at: Value) -> str:
    index = whole(at) - 1
    if not 0 <= index < len(names):
        raise ScriptFault("FS321", f"header {index + 1} of {len(names)} does not exist")
    return names[index]


def _set_header(names: list[str], at: Value, name: Value) -> None:
    _header(names, at)
    names[whole(at) - 1] = text(name)


def _set_column_header(frame: Frame, table: TableNode, at: Value, name: Value) -> Value:
    _set_header(table.column_names, at, name)
    return table


def _set_row_header(frame: Frame, table: TableNode, at: Value, name: Value) -> Value:
    _set_header(table.row_names, at, name)
    return table


def _row_by_key(frame: Frame, table: TableNode, key: Value, column: Value = 1) -> Value:
    frame.spend(len(table.rows) // 16)
    index = table.column_number(column or 1)
    return next((i for i, row in enumerate(table.rows, 1) if same(row[index], key)), 0)


def _value_by_key(frame: Frame, table: TableNode, key: Value, value: Value, column: Value = 1) -> Value:
    row = _row_by_key(frame, table, key, column)
    return table.rows[row - 1][table.column_number(value)] if row else None


def _sort(frame: Frame, table: TableNode, column: Value, direction: Value = 0) -> Value:
    frame.spend(len(table.rows))
    index = table.column_number(column.items[0] if isinstance(column, Array) and column.items else column)
    texts = any(isinstance(row[index], str) for row in table.rows)
    table.rows.sort(key=lambda row: str(row[index]) if texts else number(row[index]), reverse=bool(direction))
    return table


def _clear(frame: Frame, table: TableNode, *rest: Value) -> Value:
    for row in table.rows:
        row[:] = [0] * len(row)
    return table


def _clone(frame: Frame, table: TableNode) -> Value:
    frame.hold(len(table.rows) * (len(table.column_names) + 1))
    return Array([Array(row.copy()) for row in table.rows])


def _cell(frame: Frame, table: TableNode, row: Value, column: Value) -> Value:
    return table.rows[table.row_number(row)][table.column_number(column)]


_METHODS: dict[str, Callable[..., Value]] = {
    "setSize": _set_size,
    "addRow": _add_row,
    "addCol": _add_column,
    "deleteRow": _delete_row,
    "deleteCol": _delete_column,
    "getColHeader": lambda frame, table, at: _header(table.column_names, at),
    "getRowHeader": lambda frame, table, at: _header(table.row_names, at),
    "setColHeader": _set_column_header,
    "setRowHeader": _set_row_header,
    "getColNum": lambda frame, table, name: table.column_names.index(name) + 1 if name in table.column_names else 0,
    "getRowNum": lambda frame, table, name: table.row_names.index(name) + 1 if name in table.row_names else 0,
    "getRowByKey": _row_by_key,
    "getValueByKey": _value_by_key,
    "sort": _sort,
    "clear": _clear,
    "clone": _clone,
    "cell": _cell,
}
