import KerasLayers

// Choosing elements by position, and putting them in order.

extension OperationKind {
  static let choices: [String: OperationKind] = [
    "Take": .one(.numpy, ["x", "indices"]) { (call) throws(KerasError) in
      let axis = try call.settings.integer("axis")
      let x = try axis == nil ? call.graph.flatten(call.x) : call.x
      let indices = try call.graph.counted(call.tensor("indices", as: .int32), along: axis ?? 0, of: x)
      return try call.graph.gather(x, at: indices, axis: axis ?? 0)
    },
    "TakeAlongAxis": .one(.numpy, ["x", "indices"]) { (call) throws(KerasError) in
      let axis = try call.settings.integer("axis")
      let x = try axis == nil ? call.graph.flatten(call.x) : call.x
      let indices = try call.graph.counted(call.tensor("indices", as: .int32), along: axis ?? 0, of: x)
      return try call.graph.gather(x, at: indices, axis: axis ?? 0, kind: .elements)
    },
    "Scatter": .one(.core, ["indices", "values"]) { (call) throws(KerasError) in
      let (indices, values) = try (call.tensor("indices", as: .int32), call.tensor("values"))
      // A setting of ours, which Keras refuses by name: the indices have no last axis of their own.
      if let length = try call.settings.integer("length") {
        return try call.graph.scatterAdd(values, at: indices, length: length)
      }
      guard let shape = try call.settings.integers("shape") else { throw call.settings.missing("shape") }
      return try call.graph.scattered(indices, values, shape: shape)
    },
    "OneHot": .one(.nn) { (call) throws(KerasError) in
      try call.graph.oneHot(
        call.x, count: call.settings.requiredInteger("num_classes"),
        axis: call.settings.integer("axis", default: -1), call.dataType ?? .float32)
    },
    "Sort": .one(.numpy) { (call) throws(KerasError) in
      let axis = try call.settings.integer("axis", default: -1)
      return try call.graph.sort(call.x, axis: axis).values
    },
    "Argsort": .one(.numpy) { (call) throws(KerasError) in
      guard call.settings.object["axis"]?.isNull != true else {
        return try call.graph.sort(call.graph.flatten(call.x), axis: 0).positions
      }
      let axis = try call.settings.integer("axis", default: -1)
      return try call.graph.sort(call.x, axis: axis).positions
    },
    "TopK": OperationKind(.math, ["x"]) { (call) throws(KerasError) in
      let top = try call.graph.topK(call.x, count: call.settings.requiredInteger("k"))
      return [top.values, top.positions]
    },
  ]
}
