import KerasLayers

/// What only preprocessing layers have: texts in and out, and settings learnt from data.
extension LayerCase {
  /// Lets the layer adapt to the case's data, and compares the weights that leaves.
  func learnFromData() throws {
    if try golden.has("adapt") {
      guard let layer = layer as? any AdaptableLayer else { throw UnsupportedGolden("adapting to numbers") }
      try layer.adapt(to: golden.tensor("adapt"))
    } else if try golden.has("adapt_texts") {
      guard let layer = layer as? any TextAdaptableLayer else { throw UnsupportedGolden("adapting to texts") }
      try layer.adapt(to: StringTensor(nested: JSON(parsing: golden.text("adapt_texts"))))
    } else {
      return
    }
    for (index, weight) in layer.weights.enumerated() {
      try golden.expect(weight.value, equals: "weights/\(index)")
    }
  }

  /// Checks a case whose inputs or outputs are texts; false for any other.
  func checkTexts() throws -> Bool {
    if try golden.has("expect") {
      guard let layer = layer as? any TextProducingLayer else { throw UnsupportedGolden("texts as output") }
      let want = try StringTensor(nested: JSON(parsing: golden.text("expect")))
      let got = try layer.texts(for: golden.tensor("inputs/0"))
      guard got == want else { throw GoldenError("expect: \(want), found \(got)") }
      return true
    }
    guard try golden.has("texts") else { return false }
    guard let layer = layer as? any TextLayer else { throw UnsupportedGolden("texts as input") }
    let json = try JSON(parsing: golden.text("texts"))
    let isCrossing = layer is HashedCrossing
    let texts = isCrossing ? try (json.array ?? []).map(StringTensor.init(nested:)) : [try StringTensor(nested: json)]
    let numbers = try layer.numbers(for: texts)
    let graph = GraphBuilder()
    let values = numbers.map { graph.input($0.spec) }
    let output = try layer.call(numbers: values, in: CallContext(graph: graph, mode: .inputs))
    let program = try backend.prepare(graph.finish(returning: [output]), options: ProgramOptions())
    try golden.expect(program.run(numbers)[0], equals: "outputs/0")
    return true
  }
}

extension StringTensor {
  /// From nested arrays of equal lengths.
  init(nested json: JSON) throws {
    var (shape, elements) = ([Int](), [String]())
    func visit(_ json: JSON, depth: Int) {
      guard let list = json.array else { return elements.append(json.string ?? "") }
      if shape.count == depth { shape.append(list.count) }
      for element in list { visit(element, depth: depth + 1) }
    }
    visit(json, depth: 0)
    try self.init(elements, shape: shape)
  }
}
