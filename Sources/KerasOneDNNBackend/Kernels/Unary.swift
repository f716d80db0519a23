import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: UnaryOperation) throws(KerasError) {
    addUnary(operation.function, from: try number(0), to: output)
  }

  mutating func addUnary(_ function: UnaryFunction, from x: Tensor, to y: Tensor) {
    let (kernel, count) = (kk_function(function), x.elementCount)
    let (from, to) = (kernelType(x.type), kernelType(y.type))
    add("\(function) \(x.lengths)", places: [x.place, y.place]) { operands in
      kk_unary(kernel, operands[0], from, operands[1], to, count)
    }
  }
}

extension kk_function {
  init(_ function: UnaryFunction?) {
    let (kind, a, b): (kk_function_kind, Float, Float)
    switch function {
    case nil: (kind, a, b) = (KK_IDENTITY, 0, 0)
    case .relu: (kind, a, b) = (KK_RELU, 0, 0)
    case .leakyRelu(let slope): (kind, a, b) = (KK_LEAKY_RELU, slope, 0)
    case .elu(let alpha): (kind, a, b) = (KK_ELU, alpha, 0)
    case .clip(let low, let high): (kind, a, b) = (KK_CLIP, low, high)
    case .sigmoid: (kind, a, b) = (KK_SIGMOID, 0, 0)
    case .tanh: (kind, a, b) = (KK_TANH, 0, 0)
    case .softplus: (kind, a, b) = (KK_SOFTPLUS, 0, 0)
    case .softsign: (kind, a, b) = (KK_SOFTSIGN, 0, 0)
    case .exponential: (kind, a, b) = (KK_EXPONENTIAL, 0, 0)
    case .logarithm: (kind, a, b) = (KK_LOGARITHM, 0, 0)
    case .squareRoot: (kind, a, b) = (KK_SQUARE_ROOT, 0, 0)
    case .reciprocalSquareRoot: (kind, a, b) = (KK_RECIPROCAL_SQUARE_ROOT, 0, 0)
    case .square: (kind, a, b) = (KK_SQUARE, 0, 0)
    case .absolute: (kind, a, b) = (KK_ABSOLUTE, 0, 0)
    case .negate: (kind, a, b) = (KK_LINEAR, -1, 0)
    case .linear(let scale, let offset): (kind, a, b) = (KK_LINEAR, scale, offset)
    }
    self.init(kind: kind, a: a, b: b)
  }
}
