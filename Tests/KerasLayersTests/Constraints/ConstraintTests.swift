import KerasLayers
import Testing

@Suite struct ConstraintTests {
  static let spellings: [(json: JSON, className: String, config: JSONObject)] = [
    ("max_norm", "MaxNorm", ["max_value": 2.0, "axis": 0]),
    ("maxnorm", "MaxNorm", ["max_value": 2.0, "axis": 0]),
    ("nonneg", "NonNeg", [:]), ("unit_norm", "UnitNorm", ["axis": 0]),
    // Keras 1.
    (["name": "MaxNorm", "m": 3, "axis": 1], "MaxNorm", ["max_value": 3.0, "axis": 1]),
    (["class_name": "UnitNorm", "config": ["axis": [0, 1]]], "UnitNorm", ["axis": [0, 1]]),
    (["class_name": "UnitNorm", "config": ["axis": nil]], "UnitNorm", ["axis": nil]),
    ("radial_constraint", "RadialConstraint", [:]),
  ]

  @Test(arguments: spellings.indices) func readsEverySpelling(index: Int) throws {
    let (json, className, config) = Self.spellings[index]
    let constraint = try Constraints.make(json)
    #expect(constraint.className == className)
    #expect(constraint.config == config)
  }

  @Test func saysWhatDoesNotFit() {
    let graph = GraphBuilder()
    let w = graph.input(TensorSpec([3, 4]))
    func message(_ constraint: any Constraint) -> String? {
      #expect(throws: KerasError.self) { try constraint.apply(to: w, in: graph) }?.description
    }
    #expect(
      message(RadialConstraint()) == "A radial constraint takes a kernel [size, size, in, out], found (3, 4)."
    )
    #expect(message(.unitNorm(axis: [0, -2])) == "Axes [0, -2] name one axis twice.")
    #expect(message(.maxNorm(axis: 2)) == "Axis 2 is outside a tensor of rank 2.")
  }
}
