import KerasGraph

// What a person who knows Keras types first: the compiler points to the spelling here.

extension Dense {
  @available(*, unavailable, message: "label the number: Dense(units: 10)")
  public convenience init(_ units: Int, activation: ActivationFunction = .linear, name: String? = nil) {
    self.init(units: units, activation: activation, name: name)
  }

  @available(*, unavailable, renamed: "init(units:activation:usesBias:)")
  public convenience init(units: Int, activation: ActivationFunction = .linear, useBias: Bool) {
    self.init(units: units, activation: activation, usesBias: useBias)
  }

  @available(
    *, unavailable, message: "activations are values: Dense(units: 10, activation: .relu), or ActivationFunction(named:)"
  )
  public convenience init(units: Int, activation: String, name: String? = nil) {
    self.init(units: units, name: name)
  }
}

extension Embedding {
  @available(*, unavailable, renamed: "init(inputDimension:outputDimension:masksZero:)")
  public convenience init(inputDim: Int, outputDim: Int, maskZero: Bool = false) {
    self.init(inputDimension: inputDim, outputDimension: outputDim, masksZero: maskZero)
  }
}

extension Layer {
  @available(*, unavailable, renamed: "parameterCount")
  public func countParams() -> Int { parameterCount }

  @available(*, unavailable, renamed: "isTrainable")
  public var trainable: Bool {
    get { isTrainable }
    set { isTrainable = newValue }
  }
}

extension Tensor {
  @available(*, unavailable, renamed: "dataType")
  public var dtype: DataType { dataType }

  @available(*, unavailable, renamed: "reshaped(to:)")
  public func reshape(_ shape: [Int]) throws(KerasError) -> Tensor { try reshaped(to: shape) }

  @available(*, unavailable, renamed: "converted(to:)")
  public func astype(_ type: DataType) -> Tensor { converted(to: type) }

  @available(*, unavailable, renamed: "scalars(as:)")
  public func numpy() -> [Float] { scalars() }
}

extension SymbolicTensor {
  @available(*, unavailable, renamed: "dataType")
  public var dtype: DataType { dataType }
}
