import KerasBackendTestSupport
import KerasLayers
import KerasTestSupport
import Testing

/// Every case of the kinds `activation`, `initializer`, `regularizer` and `constraint`: values and gradients on every
/// backend, and settings read and written.
@Suite struct FunctionGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }

  static let kinds = ["activation", "initializer", "regularizer", "constraint"]
  static let cases = GoldenFiles.all.filter { kinds.contains($0.kind) }

  @Test(arguments: cases.flatMap { golden in backendsUnderTest.map { Run(golden: golden, backend: $0.name) } })
  func golden(_ run: Run) {
    let golden = run.golden
    GoldenReport.run(golden, on: run.backend) {
      let backend = try Backends.backend(named: run.backend)
      switch golden.kind {
      case "activation": try checkActivation(golden, on: backend)
      case "initializer": try checkInitializer(golden)
      case "regularizer":
        let regularizer = try Regularizers.make(golden.config())
        try checkFunction(golden, on: backend) { x, graph in try regularizer.loss(of: x, in: graph) }
      default:
        let constraint = try Constraints.make(golden.config())
        try checkFunction(golden, on: backend) { x, graph in try constraint.apply(to: x, in: graph) }
      }
    }
  }

  @Test(arguments: cases.filter { $0.kind != "activation" })
  func settings(_ golden: GoldenCase) {
    GoldenReport.run(golden, on: "settings") {
      let config = try golden.config()
      let written =
        switch golden.kind {
        case "initializer": try Initializers.make(config).json
        case "regularizer": try Regularizers.make(config).json
        default: try Constraints.make(config).json
        }
      try expectSameSettings(written, config, at: golden.id)
    }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCasesOfEveryKind() {
    #expect(GoldenFiles.isFolderNamed || Set(Self.cases.map(\.kind)) == Set(Self.kinds))
  }

  private func checkActivation(_ golden: GoldenCase, on backend: any Backend) throws {
    let name = try golden.config()
    let settings = try JSON(parsing: golden.text("call"))["kwargs"]?.object ?? [:]
    let function = try ActivationFunction(
      named: name.string ?? "", settings: settings, version: golden.version)
    try checkFunction(golden, on: backend) { x, graph in try function.apply(to: x, in: graph) }
    // As files hold it.
    let again = try ActivationFunction(JSON(parsing: function.json.text()))
    guard again == function else { throw GoldenError("\(function) was written as \(function.json.text())") }
    if golden.version == .keras3, settings.isEmpty, function.json != name {
      throw GoldenError("written as \(function.json.text())")
    }
  }

  private func checkInitializer(_ golden: GoldenCase) throws {
    let initializer = try Initializers.make(golden.config())
    let shape = try golden.tensor("shape").scalars(as: Int64.self).map { Int($0) }
    try initializer.check(shape: shape)
    let value = initializer.makeTensor(shape: shape, from: RandomStream(seed: 0))
    guard try golden.has("random") else { return try golden.expect(value, equals: "outputs/0") }
    try golden.expectStatistics(of: value)
    let numbers: [Double] = value.scalars()
    if try golden.has("bounds") {
      let bounds = try JSON(parsing: golden.text("bounds"))
      guard let low = bounds[0]?.number, let high = bounds[1]?.number,
        numbers.allSatisfy({ low <= $0 && $0 <= high })
      else { throw GoldenError("a value is outside \(bounds.text())") }
    }
    if try golden.has("orthogonal") {
      try expectOrthogonal(numbers, shape, gain: golden.number("orthogonal"))
    }
    // A seed alone decides the numbers.
    guard
      initializer.makeTensor(shape: shape, from: RandomStream(seed: 1)).scalars(as: Double.self) == numbers
    else { throw GoldenError("the same seed gave other numbers") }
  }

  /// Rows or columns, whichever are fewer, must be orthogonal and of length `gain`.
  private func expectOrthogonal(_ numbers: [Double], _ shape: [Int], gain: Double) throws {
    let columns = shape.last ?? 1
    let rows = numbers.count / columns
    func element(_ vector: Int, _ place: Int) -> Double {
      rows < columns ? numbers[vector * columns + place] : numbers[place * columns + vector]
    }
    for i in 0..<min(rows, columns) {
      for j in 0...i {
        let product = (0..<max(rows, columns)).reduce(0) { $0 + element(i, $1) * element(j, $1) }
        guard abs(product - (i == j ? gain * gain : 0)) < 1e-4 else {
          throw GoldenError("vectors \(i) and \(j) have the product \(product)")
        }
      }
    }
  }
}

extension GoldenCase {
  /// The object the case is about, as Keras wrote it.
  func config() throws -> JSON {
    let text = try text("config")
    // A name alone may stand without its quotes.
    return (try? JSON(parsing: text)) ?? .string(text)
  }
}

/// Runs a function of one tensor, and its gradient where the case has one.
private func checkFunction(
  _ golden: GoldenCase, on backend: any Backend, _ record: (Value, GraphBuilder) throws -> Value
) throws {
  let input = try golden.tensor("inputs/0")
  let graph = GraphBuilder()
  let x = graph.input(input.spec)
  let y = try record(x, graph)
  var returned = [y]
  let isDifferentiated = try golden.has("grad_inputs")
  if isDifferentiated {
    let seed = graph.constant(try golden.tensor("cotangents/0"))
    let gradients = try graph.gradients(from: [(output: y, gradient: seed)], to: [x])
    returned.append(try gradients[0].orElse(graph.zeros(like: x)))
  }
  let program = try backend.prepare(graph.finish(returning: returned), options: ProgramOptions())
  let results = try program.run([input])
  try golden.expect(results[0], equals: "outputs/0")
  if isDifferentiated { try golden.expect(results[1], equals: "grad_inputs/0") }
}
