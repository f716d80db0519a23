/// What stands in the cells of a model's summary.
struct SummaryRows {
  let columns: [TextTable.Column]
  let defaultLineLength: Int
  private let defaultPositions: [Double]
  private let expandNested: Bool
  private let showsTrainable: Bool
  /// The model's own calls by layer; nil for a chain, which needs no connections.
  private let callsByLayer: [ObjectIdentifier: [LayerCall]]?

  init(of model: Model, expandNested: Bool, showsTrainable: Bool) {
    self.expandNested = expandNested
    self.showsTrainable = showsTrainable
    var columns: [TextTable.Column] = [
      .init("Layer (type)"), .init("Output Shape"), .init("Param #", .right),
    ]
    var lineLength = 88
    if model.isChain {
      callsByLayer = nil
      defaultPositions = [0.45, 0.80, 1.0]
    } else {
      callsByLayer = Dictionary(grouping: model.networkCalls) { ObjectIdentifier($0.layer) }
        .mapValues { $0.sorted { $0.index < $1.index } }
      defaultPositions = [0.3, 0.56, 0.74, 1.0]
      columns.append(.init("Connected to"))
      lineLength = 108
    }
    if showsTrainable {
      columns.append(.init("Trainable", .center))
      lineLength += 12
    }
    self.columns = columns
    defaultLineLength = lineLength
  }

  /// The width each column asks for, borders and padding aside; the table shrinks them to make room for those.
  func columnWidths(lineLength: Int, positions: [Double]?) throws(KerasError) -> [Int] {
    var ends = positions ?? defaultPositions
    guard ends.count == defaultPositions.count, ends.allSatisfy({ (0...1).contains($0) }) else {
      throw KerasError(
        .invalidArgument, "Expected \(defaultPositions.count) positions from 0 to 1, found \(ends).")
    }
    if showsTrainable { ends = ends.map { $0 * 0.90 } + [1] }
    var widths: [Int] = []
    var start = 0
    for end in ends {
      let width = Int(end * Double(lineLength)) - start
      guard width >= 4 else {
        throw KerasError(
          .invalidArgument, "A line of \(lineLength) characters is too short for \(columns.count) columns.",
          remedy: "use a longer line, or positions further apart.")
      }
      widths.append(width)
      start += width
    }
    return widths
  }

  /// The layer's row, and below it those of the layers inside.
  func rows(for layer: Layer, depth: Int = 0) -> [[String]] {
    let prefix = depth == 0 ? "" : String(repeating: "   ", count: depth) + "└ "
    var cells = [
      "\(prefix)\(layer.name) (\(layer.className))", outputShape(of: layer), parameterCount(of: layer),
    ]
    if let callsByLayer { cells.append(connections(of: callsByLayer[ObjectIdentifier(layer)] ?? [])) }
    if showsTrainable { cells.append(layer.weights.isEmpty ? "-" : layer.isTrainable ? "Y" : "N") }
    guard expandNested, let model = layer as? Model else { return [cells] }
    return [cells] + model.layers.flatMap { rows(for: $0, depth: depth + 1) }
  }

  private func parameterCount(of layer: Layer) -> String {
    layer.isBuilt || Self.builtFromTheStart.contains(layer.className)
      ? grouped(layer.parameterCount) : "0 (unbuilt)"
  }

  /// The classes that Keras never calls unbuilt.
  private static let builtFromTheStart: Set = [
    "Activation", "ActivityRegularization", "AlphaDropout", "AveragePooling1D", "AveragePooling2D",
    "AveragePooling3D", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
    "GlobalMaxPooling3D", "Identity", "InputLayer", "LeakyReLU", "Masking", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
    "ReLU", "Reshape", "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
  ]

  /// The shape at the layer's last call, or for what it was built; a list of them where it has several outputs.
  private func outputShape(of layer: Layer) -> String {
    guard let specs = layer.calls.last?.outputSpecs ?? layer.builtOutputs else { return "?" }
    let shapes = specs.map { spec in
      "(" + spec.shape.map { $0.map(String.init) ?? "None" }.joined(separator: ", ") + ")"
    }
    return shapes.count == 1 ? shapes[0] : "[" + shapes.joined(separator: ", ") + "]"
  }

  private func connections(of calls: [LayerCall]) -> String {
    let sources = calls.flatMap(\.inputs).compactMap { tensor in
      tensor.origin.map { "\($0.layer.name)[\($0.index)][\(tensor.output)]" }
    }
    return sources.isEmpty ? "-" : sources.joined(separator: ", ")
  }
}

extension Layer {
  /// What the layer makes of the inputs it was built for; nil when it was not, or cannot say.
  fileprivate var builtOutputs: [TensorSpec]? {
    isBuilt && builtNames.isEmpty ? try? outputSpecs(for: builtInputs) : nil
  }
}

extension Model {
  /// Whether every call reads the one before it and nothing else, and no layer is called twice; so do models whose
  /// layers are not connected yet, or by code.
  fileprivate var isChain: Bool {
    guard network != nil, !(self is Sequential) else { return true }
    return layers.count == networkCalls.count
      && zip(networkCalls, networkCalls.dropFirst()).allSatisfy { previous, next in
        next.inputs.count == 1 && next.inputs[0].origin === previous
      }
  }
}

/// `97.69 MB`, in units of 1024.
func readableSize(_ bytes: Int) -> String {
  let units = ["B", "KB", "MB", "GB", "TB", "PB"]
  var scale = 1.0
  var unit = 0
  while Double(bytes) >= scale * 1024, unit < units.count - 1 {
    scale *= 1024
    unit += 1
  }
  let hundredths = Int((Double(bytes) * 100 / scale).rounded(.toNearestOrEven))
  let digits = hundredths % 100
  return "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits) \(units[unit])"
}
