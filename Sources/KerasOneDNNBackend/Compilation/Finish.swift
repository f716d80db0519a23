import KerasGraph

/// How a primitive of oneDNN is to finish its sums: the epilogue of a convolution or matrix product, spread
/// over what the library offers.
struct Finish {
  /// Multiplied into the weights while they are packed.
  fileprivate(set) var weightScale: [Float] = []
  var bias: (descriptor: MemoryDescriptor, place: Place)?
  fileprivate(set) var postOperations: [PostOperation] = []
  /// What the post-operations read.
  fileprivate(set) var operands: [Kernel.Operand] = []
  /// What oneDNN cannot do, in order, for kernels of ours that follow.
  fileprivate(set) var remainder: [Step] = []
  /// Whether the residual stands where the output will.
  fileprivate(set) var isInPlace = false

  enum Step {
    case combine(BinaryOperation.Function, GraphCompiler.Tensor)
    case apply(UnaryFunction)
  }
}

extension GraphCompiler {
  /// - Parameters:
  ///   - packsWeights: whether the weights are packed now, so that a constant scale can go into them.
  ///   - readsOperands: whether oneDNN may add and multiply by other tensors itself.
  ///   - copiesResidual: whether a residual is better copied to where the output will stand than read, as by oneDNN's
  ///     best inner products, which add what they overwrite, but no other tensor.
  ///   - describe: describes a tensor of the output's rank, stored as our own, in oneDNN's order of axes.
  mutating func finish(
    _ epilogue: Epilogue, packsWeights: Bool, readsOperands: Bool = true, copiesResidual: Bool = false,
    describe: (_ lengths: [Int], _ type: DataType) throws(KerasError) -> MemoryDescriptor
  ) throws(KerasError) -> Finish {
    var finish = Finish()
    func combine(_ function: BinaryOperation.Function, _ operand: Tensor, lengths: [Int]) throws(KerasError) {
      guard readsOperands else {
        finish.remainder.append(.combine(function, operand))
        return
      }
      let descriptor = try describe(lengths, operand.type)
      finish.operands.append(
        Kernel.Operand(
          role: Role.postOperation(finish.postOperations.count), descriptor: descriptor, place: operand.place)
      )
      finish.postOperations.append(function == .multiply ? .multiply(descriptor) : .add(descriptor))
    }
    let lengths = output.lengths
    let perChannel = lengths.indices.map { $0 == lengths.count - 1 ? lengths[$0] : 1 }
    if let position = epilogue.scaleInput {
      if packsWeights, let scale = constant(position) {
        finish.weightScale = scale.scalars()
      } else {
        try combine(.multiply, operand(position, as: .float32), lengths: perChannel)
      }
    }
    if let position = epilogue.biasInput {
      let bias = try operand(position, as: .float32)
      if finish.postOperations.isEmpty, finish.remainder.isEmpty {
        finish.bias = (try MemoryDescriptor(rowMajor: bias.lengths, .float32), bias.place)
      } else {
        try combine(.add, bias, lengths: perChannel)
      }
    }
    if let position = epilogue.residualInput {
      if overwrites(position), finish.remainder.isEmpty {
        finish.postOperations.append(.addDestination)
        finish.isInPlace = true
      } else if copiesResidual, finish.remainder.isEmpty {
        addConversion(from: input(position), to: output)
        finish.postOperations.append(.addDestination)
      } else {
        try combine(.add, number(position), lengths: lengths)
      }
    }
    if let activation = epilogue.activation {
      if finish.remainder.isEmpty, let function = EltwiseFunction(activation) {
        finish.postOperations.append(.apply(function))
      } else {
        finish.remainder.append(.apply(activation))
      }
    }
    return finish
  }

  /// Adds the kernels for what a primitive left to do on its output.
  mutating func addRemainder(_ finish: Finish, to y: Tensor) throws(KerasError) {
    for step in finish.remainder {
      switch step {
      case .combine(let function, let operand): try addBinary(function, y, operand, to: y)
      case .apply(let function): addUnary(function, from: y, to: y)
      }
    }
  }
}
