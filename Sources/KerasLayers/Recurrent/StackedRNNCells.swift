import KerasGraph

/// Cells on top of each other as one: each step's output of one is the input of the next.
///
/// The states are those of the first cell, then those of the second, and so on.
public final class StackedRNNCells: RecurrentCellLayer, @unchecked Sendable {
  public let cells: [RecurrentCellLayer]

  public init(_ cells: [RecurrentCellLayer], name: String? = nil) {
    self.cells = cells
    super.init(name: name)
    // Files of Keras 3 number cells of the same class within the list.
    var uses: [String: Int] = [:]
    for cell in cells {
      let base = snakeCase(cell.className)
      let count = uses[base, default: 0]
      uses[base] = count + 1
      addChild("cells/" + (count == 0 ? base : "\(base)_\(count)"), cell)
    }
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    guard let list = settings.value("cells")?.array else { throw settings.missing("cells") }
    // TF-Keras can list the states of the last cell first.
    if try settings.boolean("reverse_state_order", default: false) {
      throw KerasError(.unsupported, "Stacked cells with reverse_state_order are not supported.")
    }
    var cells: [RecurrentCellLayer] = []
    for json in list { cells.append(try settings.cell(json)) }
    self.init(cells, name: settings.name)
  }

  public override var config: JSONObject { ["cells": .array(cells.map(\.serialized.json))] }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] {
    try statesByCell(for: input).flatMap { $0 }
  }

  private func statesByCell(for input: TensorSpec) throws(KerasError) -> [[[Int]]] {
    var states: [[[Int]]] = []
    try forEachCell(on: input) { (cell, input) throws(KerasError) in
      states.append(try cell.stateShapes(for: input))
    }
    return states
  }

  public override func outputShape(for input: TensorSpec) throws(KerasError) -> [Int] {
    var shape: [Int] = []
    try forEachCell(on: input) { (cell, input) throws(KerasError) in
      shape = try cell.outputShape(for: input)
    }
    return shape
  }

  /// Visits the cells with the spec of the input each gets.
  private func forEachCell(
    on input: TensorSpec, _ visit: (RecurrentCellLayer, TensorSpec) throws(KerasError) -> Void
  ) throws(KerasError) {
    guard !cells.isEmpty else {
      throw KerasError(.invalidArgument, "StackedRNNCells needs at least one cell, found none.")
    }
    var input = input
    for cell in cells {
      try within(cell.name) { () throws(KerasError) in
        try visit(cell, input)
        input = TensorSpec(Shape([input.shape[0]] + (try cell.outputShape(for: input))), input.dataType)
      }
    }
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try forEachCell(on: inputs[0]) { (cell, input) throws(KerasError) in
      try cell.ensureBuilt(for: [input], in: path)
    }
  }

  public override func constants(
    for input: TensorSpec, in context: CallContext
  ) throws(KerasError) -> StepConstants {
    var constants = StepConstants()
    try forEachCell(on: input) { (cell, input) throws(KerasError) in
      constants.cells.append(try cell.constants(for: input, in: context))
    }
    return constants
  }

  /// Only the first cell's input is known beforehand.
  public override func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    try cells[0].prepare(inputs, constants: constants.cells[0], in: context)
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    var (value, rest, new) = (input, states[...], [Value]())
    for (position, cell) in cells.enumerated() {
      let own = constants.cells[position]
      if position > 0 { value = try cell.prepare(value, constants: own, in: context) }
      // How many states a cell has does not depend on its input.
      let count = try cell.stateShapes(for: cell.builtInputs[0]).count
      let result = try within(cell.name) { [value] () throws(KerasError) in
        try cell.step(value, states: Array(rest.prefix(count)), constants: own, in: context)
      }
      rest = rest.dropFirst(count)
      value = result.output
      new += result.states
    }
    return (value, new)
  }
}

extension Configuration {
  /// A cell of a recurrent layer.
  func cell(_ json: JSON) throws(KerasError) -> RecurrentCellLayer {
    let layer = try Layers.deserialize(json, version: version)
    guard let cell = layer as? RecurrentCellLayer else {
      throw wrong("cell", "a recurrent cell", json)
    }
    return cell
  }
}
