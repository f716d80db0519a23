import KerasGraph

// The merging layers as functions, as `keras.layers.add`.

/// The sum of tensors; see ``Add``.
public func add(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Add(name: name)(inputs)
}

/// The first of two tensors minus the second; see ``Subtract``.
public func subtract(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Subtract(name: name)(inputs)
}

/// The product of tensors; see ``Multiply``.
public func multiply(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Multiply(name: name)(inputs)
}

/// The mean of tensors; see ``Average``.
public func average(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Average(name: name)(inputs)
}

/// The largest elements; see ``Maximum``.
public func maximum(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Maximum(name: name)(inputs)
}

/// The smallest elements; see ``Minimum``.
public func minimum(_ inputs: [SymbolicTensor], name: String? = nil) -> SymbolicTensor {
  Minimum(name: name)(inputs)
}

/// Tensors one after the other; see ``Concatenate``.
public func concatenate(_ inputs: [SymbolicTensor], axis: Int = -1, name: String? = nil) -> SymbolicTensor {
  Concatenate(axis: axis, name: name)(inputs)
}

/// Dot products; see ``Dot``.
public func dot(
  _ inputs: [SymbolicTensor], axes: Int, normalizes: Bool = false, name: String? = nil
) -> SymbolicTensor {
  Dot(axes: axes, normalizes: normalizes, name: name)(inputs)
}
