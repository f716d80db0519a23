import KerasModels
import Testing

/// Layers that combine tensors. Values and masks are golden cases.
@Suite struct MergingTests {
  @Test(
    arguments: [
      ([[nil, 3, 4], [nil, 4]], "(None, 3, 4)"), ([[nil, nil, 4], [nil, 3, 1], [nil, 1]], "(None, 3, 4)"),
      ([[nil], [nil, 4]], "(None, 4)"),
    ] as [([Shape], String)])
  func shapes(_ shapes: [Shape], _ expected: String) throws {
    for layer in [Add(), Multiply(), Average(), Maximum(), Minimum()] as [Layer] {
      let specs = try layer.outputSpecs(for: shapes.map { TensorSpec($0) })
      #expect(specs[0].shape.description == expected, "\(layer.className)")
    }
  }

  @Test func functions() {
    let (a, b) = (Input(shape: [3, 4]), Input(shape: [3, 4]))
    for result in [
      add([a, b]), subtract([a, b]), multiply([a, b]), average([a, b]), maximum([a, b]), minimum([a, b]),
    ] { #expect(result.shape == [nil, 3, 4]) }
    #expect(concatenate([a, b], axis: 1).shape == [nil, 6, 4])
    #expect(dot([a, b], axes: 2).shape == [nil, 3, 3])
    #expect(dot([Input(shape: [4]), Input(shape: [4])], axes: 1, normalizes: true).shape == [nil, 1])
  }

  @Test(arguments: [
    ("sum", "Add"), ("mul", "Multiply"), ("ave", "Average"), ("max", "Maximum"), ("concat", "Concatenate"),
    ("dot", "Dot"), ("cos", "Dot"),
  ])
  func mergeOfKeras1(_ mode: String, _ className: String) throws {
    let object = SerializedObject(
      module: nil, className: "Merge",
      config: ["name": "m", "mode": .string(mode), "concat_axis": 1, "dot_axes": [[1], [2]], "layers": []])
    let layer = try Layers.deserialize(object, version: .keras1)
    #expect(layer.className == className && layer.name == "m")
    if let joined = layer as? Concatenate { #expect(joined.axis == 1) }
    if let dot = layer as? Dot { #expect(dot.axes == (1, 2) && dot.normalizes == (mode == "cos")) }
  }

  @Test func settings() throws {
    for layer in [
      Add(name: "a"), Concatenate(axis: 1), Dot(axes: 2), Dot(axes: (1, -1), normalizes: true),
    ] as [Layer] {
      let again = try Layers.deserialize(JSON(parsing: layer.serialized.json.text()))
      #expect(again.serialized.config == layer.serialized.config && again.className == layer.className)
    }
  }

  @Test func mistakes() {
    let (a, b) = (Input(shape: [3, 4]), Input(shape: [3, 5]))
    #expect(
      failure(of: Subtract(name: "s"), on: a, a, a) == "Subtract takes exactly two inputs, found 3.\n  in: s")
    #expect(
      failure(of: Concatenate(axis: 1, name: "c"), on: a, b)
        == """
        Tensors joined along axis 1 must agree in all other axes, found float32(None, 3, 4), float32(None, 3, 5).
          in: c
          try: reshape, crop or pad them, or join them along the axis in which they differ.
        """)
    #expect(
      failure(of: Dot(axes: 0, name: "d"), on: a, b)
        == "Dot multiplies sample by sample and cannot sum over the batch, found axes (0, 0).\n  in: d")
    #expect(
      failure(of: Dot(axes: 2, name: "d"), on: a, b)
        == "Axes of one name must have one length, found 4 and 5 in float32(None, 3, 4) and float32(None, 3, 5).\n  in: d"
    )
    #expect(
      failure(of: Dot(axes: 3, name: "d"), on: a, b) == "Axis 3 is outside a tensor of rank 3.\n  in: d")
  }
}
