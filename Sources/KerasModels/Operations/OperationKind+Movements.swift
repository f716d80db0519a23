import KerasLayers

// Operations that move elements without computing anything.

extension OperationKind {
  static let movements: [String: OperationKind] = [
    "Reshape": .one(.numpy) { (call) throws(KerasError) in
      let lengths = try call.settings.shape("newshape", unknown: -1)
      return try call.graph.reshape(call.x, to: lengths)
    },
    "Transpose": .one(.numpy) { (call) throws(KerasError) in
      let axes = try call.settings.integers("axes")
      let rank = try call.graph.shape(of: call.x).rank
      var resolved: [Int] = []
      for axis in axes ?? (0..<rank).reversed() { resolved.append(try resolvedAxis(axis, rank: rank)) }
      return try call.graph.transpose(call.x, resolved)
    },
    "ExpandDims": .one(.numpy) { (call) throws(KerasError) in
      guard let axes = try call.settings.integers("axis") else { throw call.settings.missing("axis") }
      let rank = try call.graph.shape(of: call.x).rank + axes.count
      var resolved: [Int] = []
      for axis in axes { resolved.append(try resolvedAxis(axis, rank: rank)) }
      var result = try call.x
      for axis in resolved.sorted() { result = try call.graph.expandDimensions(result, axis: axis) }
      return result
    },
    "Squeeze": .one(.numpy) { (call) throws(KerasError) in
      try call.graph.squeeze(call.x, axes: call.settings.integers("axis"))
    },
    "Concatenate": .one(.numpy, ["xs"], .list) { (call) throws(KerasError) in
      try call.graph.concatenate(call.all, axis: call.settings.integer("axis", default: 0))
    },
    "Stack": .one(.numpy, ["x"], .list) { (call) throws(KerasError) in
      try call.graph.stack(call.all, axis: call.settings.integer("axis", default: 0))
    },
    "Unstack": OperationKind(.core, ["x"]) { (call) throws(KerasError) in
      try call.graph.unstack(call.x, axis: call.settings.integer("axis", default: 0))
    },
    "Split": OperationKind(.numpy, ["x"]) { (call) throws(KerasError) in
      let axis = try call.settings.integer("axis", default: 0)
      if let count = call.settings.value("indices_or_sections")?.integer {
        return try call.graph.split(call.x, into: count, axis: axis)
      }
      guard let positions = try call.settings.integers("indices_or_sections") else {
        throw call.settings.missing("indices_or_sections")
      }
      return try call.graph.split(call.x, at: positions, axis: axis)
    },
    "Slice": .one(.core, ["inputs", "start_indices"]) { (call) throws(KerasError) in
      guard let starts = try call.plain.integers("start_indices") else {
        throw KerasError(.unsupported, "A slice that begins where a tensor says is not read here.")
      }
      return try call.graph.slice(
        call.tensor("inputs"), starts: starts, lengths: call.settings.shape("shape", unknown: -1))
    },
    "GetItem": .one(.numpy, ["x", "key"]) { (call) throws(KerasError) in
      try call.graph.items(of: call.x, SliceItem.items(call.plain.json("key") ?? .null))
    },
    "BroadcastTo": .one(.numpy) { (call) throws(KerasError) in
      guard let shape = try call.settings.shape("shape") else { throw call.settings.missing("shape") }
      return try call.graph.broadcast(call.x, to: shape)
    },
    "Tile": .one(.numpy) { (call) throws(KerasError) in
      try call.graph.tile(call.x, call.settings.integers("repeats") ?? [])
    },
    "Repeat": .one(.numpy) { (call) throws(KerasError) in
      let (x, axis) = try (call.x, call.settings.integer("axis"))
      return try call.graph.repeatElements(
        axis == nil ? call.graph.flatten(x) : x, call.settings.requiredInteger("repeats"), axis: axis ?? 0)
    },
    "Flip": .one(.numpy) { (call) throws(KerasError) in
      let axes = try call.settings.integers("axis")
      let rank = try call.graph.shape(of: call.x).rank
      return try call.graph.reverse(call.x, axes: axes ?? Array(0..<rank))
    },
    "Roll": .one(.numpy) { (call) throws(KerasError) in
      guard let shifts = try call.settings.integers("shift") else { throw call.settings.missing("shift") }
      return try call.graph.rolled(call.x, shifts, axes: call.settings.integers("axis"))
    },
    "Swapaxes": .one(.numpy) { (call) throws(KerasError) in
      try call.graph.swapAxes(
        call.x, call.settings.requiredInteger("axis1"), call.settings.requiredInteger("axis2"))
    },
    "Moveaxis": .one(.numpy) { (call) throws(KerasError) in
      try call.graph.moveAxis(
        call.x, from: call.settings.requiredInteger("source"),
        to: call.settings.requiredInteger("destination"))
    },
    "Pad": .one(.numpy, ["x", "constant_values"]) { (call) throws(KerasError) in
      try call.graph.padded(
        call.x, call.settings.pairs("pad_width"), call.settings.choice("mode", default: PaddingMode.constant),
        value: call.plain.number("constant_values", default: 0))
    },
    "Cast": .one(.core) { (call) throws(KerasError) in
      guard let type = try call.dataType else { throw call.settings.missing("dtype") }
      return try call.graph.cast(call.x, to: type)
    },
    "StopGradient": .one(.core, ["variable"]) { (call) throws(KerasError) in
      try call.graph.stoppingGradient(call.tensor("variable"))
    },
    "Copy": .one(.numpy) { (call) throws(KerasError) in try call.x },
    "Ravel": .one(.numpy) { (call) throws(KerasError) in try call.graph.flatten(call.x) },
    // Only TensorFlow has a class for it.
    "Shape": .one(.core) { (call) throws(KerasError) in
      let shape = try call.graph.shape(of: call.x)
      guard let known = shape.known else { return call.graph.placeholder(TensorSpec([shape.rank], .int32)) }
      return call.graph.constant(Tensor(known.map { Int32(clamping: $0) }))
    },
    "ZerosLike": .one(.numpy) { (call) throws(KerasError) in try call.filled(with: 0) },
    "OnesLike": .one(.numpy) { (call) throws(KerasError) in try call.filled(with: 1) },
  ]
}

extension OperationOperands {
  /// One number in the shape of the tensor, in its type or that of the setting `dtype`.
  fileprivate func filled(with number: Double) throws(KerasError) -> Value {
    let spec = try graph.spec(of: x)
    return try graph.filled(number, spec.shape, dataType ?? spec.dataType)
  }
}

extension Configuration {
  /// A shape in which `unknown` stands for null.
  fileprivate func shape(_ key: String, unknown: Int) throws(KerasError) -> [Int] {
    guard let json = value(key) else { throw missing(key) }
    if let length = json.integer { return [length] }
    guard let array = json.array else { throw wrong(key, "a shape", json) }
    var lengths: [Int] = []
    for element in array {
      guard let length = element.isNull ? unknown : element.integer else { throw wrong(key, "a shape", json) }
      lengths.append(length)
    }
    return lengths
  }

  /// `[[before, after], …]`, one pair for each axis; a single pair is meant for all (and has no count then).
  fileprivate func pairs(_ key: String) throws(KerasError) -> [AxisPadding] {
    guard let json = value(key) else { throw missing(key) }
    var pairs: [AxisPadding] = []
    for pair in json.array ?? [json] {
      guard let before = pair[0]?.integer ?? pair.integer, let after = pair[1]?.integer ?? pair.integer else {
        throw wrong(key, "pairs of whole numbers", json)
      }
      pairs.append(AxisPadding(before, after))
    }
    return pairs
  }
}
