import KerasGraph

/// Cells on top of each other as one: each step's output of one is the input of the next.
///
/// The states are those of the first cell, then those of the second, and so on; with ``reversesStateOrder`` those of the
/// last cell come first, as all of Keras' did before 2.2.3.
public final class StackedRNNCells: RecurrentCellLayer, @unchecked Sendable {
  public let cells: [RecurrentCellLayer]
  /// Keras 3 does not know it.
  @Setting("reverse_state_order", Bool.settingCodec.omitting { !$0 })
  public private(set) var reversesStateOrder: Bool

  public init(_ cells: [RecurrentCellLayer], reversesStateOrder: Bool = false, name: String? = nil) {
    self.cells = cells
    super.init(name: name)
    self.reversesStateOrder = reversesStateOrder
    for (key, cell) in numberedByClass(cells) { addChild("cells/\(key)", cell) }
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    guard let list = settings.value("cells")?.array else { throw settings.missing("cells") }
    self.init(try settings.cells(list), name: settings.name)
  }

  public override var config: JSONObject {
    let inside: JSONObject = ["cells": .array(cells.map(\.serialized.json))]
    return inside.merging(super.config)
  }

  public override var takesConstants: Bool { cells.contains(where: \.takesConstants) }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] {
    ordered(try statesByCell(for: input)).flatMap { $0 }
  }

  /// What belongs to each cell in the order of the states, or back.
  private func ordered<Element>(_ byCell: [Element]) -> [Element] {
    reversesStateOrder ? byCell.reversed() : byCell
  }

  private func statesByCell(for input: TensorSpec) throws(KerasError) -> [[[Int]]] {
    var states: [[[Int]]] = []
    try forEachCell(on: input) { cell, input in states.append(try cell.stateShapes(for: input)) }
    return states
  }

  public override func outputShape(for input: TensorSpec) throws -> [Int] {
    var shape: [Int] = []
    try forEachCell(on: input) { cell, input in shape = try cell.outputShape(for: input) }
    return shape
  }

  /// Visits the cells with the spec of the input each gets.
  private func forEachCell(
    on input: TensorSpec, _ visit: (RecurrentCellLayer, TensorSpec) throws -> Void
  ) throws(KerasError) {
    try require(!cells.isEmpty, "StackedRNNCells needs at least one cell, found none.")
    var input = input
    for cell in cells {
      let spec = input
      input = try within(cell.name) { () throws(KerasError) in
        try wrappingErrors {
          try visit(cell, spec)
          return TensorSpec(Shape([spec.shape[0]] + (try cell.outputShape(for: spec))), spec.dataType)
        }
      }
    }
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try forEachCell(on: inputs[0]) { cell, input in
      try cell.ensureBuilt(for: [input] + inputs.dropFirst(), in: path)
    }
  }

  public override func constants(
    for input: TensorSpec, in context: CallContext
  ) throws(KerasError) -> StepConstants {
    var constants = StepConstants()
    try forEachCell(on: input) { cell, input in
      constants.cells.append(try cell.constants(for: input, in: context))
    }
    return constants
  }

  /// Only the first cell's input is known beforehand.
  public override func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws -> Value {
    try cells[0].prepare(inputs, constants: constants.cells[0], in: context)
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws -> (output: Value, states: [Value]) {
    var (rest, old) = (states[...], [[Value]]())
    for cell in ordered(cells) {
      // How many states a cell has does not depend on its input.
      let count = try cell.stateShapes(for: cell.builtInputs[0]).count
      old.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    old = ordered(old)
    var (value, new) = (input, [[Value]]())
    for (position, cell) in cells.enumerated() {
      let own = constants.cells[position]
      if position > 0 { value = try cell.prepare(value, constants: own, in: context) }
      let result = try within(cell.name) { [value, old] () throws(KerasError) in
        try wrappingErrors { try cell.step(value, states: old[position], constants: own, in: context) }
      }
      value = result.output
      new.append(result.states)
    }
    return (value, ordered(new).flatMap { $0 })
  }
}

extension Configuration {
  /// The cells of a recurrent layer.
  func cells(_ list: [JSON]) throws(KerasError) -> [RecurrentCellLayer] {
    try list.map { (json) throws(KerasError) in try cell(json) }
  }

  /// A cell of a recurrent layer.
  func cell(_ json: JSON) throws(KerasError) -> RecurrentCellLayer {
    let layer = try Layers.deserialize(json, version: version)
    guard let cell = layer as? RecurrentCellLayer else {
      throw wrong("cell", "a recurrent cell", json)
    }
    return cell
  }
}
