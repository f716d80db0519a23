import KerasCore

extension FileInspection {
  /// The facts as text for a terminal, a line for every weight.
  public var table: String {
    var lines = ["\(file.escaped): \(kind.title), \(grouped(bytes)) bytes"]
    lines += attributes.map { "\($0.name.escaped): \($0.value.escaped)" }
    let rows = layers.flatMap { layer in
      Self.rows(layer.layerName.map { "\(layer.name) (\($0))" } ?? layer.name, layer.weights)
    }
    if !rows.isEmpty {
      let header = ["Layer", "Weight", "Shape", "Type", "Bytes"]
      lines += [""] + TextColumns([.left, .left, .left, .left, .right], rows: [header] + rows).lines
    }
    if kind != .json {
      lines += [
        "",
        "\(Self.counted(layers.count, "layer")), \(Self.counted(weightCount, "weight")), "
          + "\(Self.counted(parameterCount, "parameter")), \(grouped(weightBytes)) bytes",
      ]
    }
    if !otherArrays.isEmpty {
      let rows = otherArrays.map { Array(Self.row("", $0).dropFirst()) }
      lines +=
        ["", "Beside the layers' weights:"] + TextColumns([.left, .left, .left, .right], rows: rows).lines
    }
    return lines.joined(separator: "\n")
  }

  /// A layer's name stands beside its first weight only.
  private static func rows(_ layer: String, _ weights: [Weight]) -> [[String]] {
    guard !weights.isEmpty else { return [[layer.escaped, "", "", "", ""]] }
    return weights.enumerated().map { row($0.offset == 0 ? layer.escaped : "", $0.element) }
  }

  private static func row(_ layer: String, _ weight: Weight) -> [String] {
    [layer, weight.name.escaped, "\(Shape(weight.shape))", weight.type, grouped(weight.bytes)]
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}

extension FileKind {
  package var title: String {
    switch self {
    case .legacyWeights: "Keras weights (HDF5, by layer)"
    case .legacyModel: "Keras model (HDF5)"
    case .weightsByPath: "Keras weights (HDF5, by object path)"
    case .weightShards: "Keras weights (index of HDF5 files, by object path)"
    case .kerasArchive: "Keras model (.keras)"
    case .numpyArray: "NumPy array"
    case .numpyArchive: "NumPy arrays"
    case .json: "JSON"
    case .hdf5: "HDF5, not written by Keras"
    }
  }
}
