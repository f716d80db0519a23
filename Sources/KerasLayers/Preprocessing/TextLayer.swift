import KerasGraph

/// A layer that takes texts.
///
/// Graphs hold numbers, so the work is in two parts: ``numbers(for:)`` looks at the texts, and
/// ``call(numbers:in:)`` records what is computed from there on. With numbers as input the layer is like any other.
public protocol TextLayer: Layer {
  /// The numbers that stand for texts, one tensor for each input.
  ///
  /// - Throws: `invalidArgument` for a text the layer cannot place, `shapeMismatch` for shapes it does not take.
  func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor]

  /// Records the rest of the computation on values of what ``numbers(for:)`` returned.
  func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value
}

/// A layer that gives texts for numbers.
public protocol TextProducingLayer: Layer {
  func texts(for numbers: Tensor) throws(KerasError) -> StringTensor
}

/// A layer that learns its settings from data, as Keras' `adapt`: what it knew is forgotten first.
///
/// As in Keras, a model that has predicted already may go on with what the layer knew then.
public protocol AdaptableLayer: Layer {
  /// - Throws: `invalidArgument` when the layer was given its settings, or for no data; `shapeMismatch`.
  func adapt(toBatches batches: some Sequence<Tensor>) throws(KerasError)
}

extension AdaptableLayer {
  public func adapt(to data: Tensor) throws(KerasError) { try adapt(toBatches: [data]) }
}

/// A layer that learns its settings from texts.
public protocol TextAdaptableLayer: Layer {
  func adapt(toBatches batches: some Sequence<StringTensor>) throws(KerasError)
}

extension TextAdaptableLayer {
  /// A vector is a batch of texts of which each stands alone.
  public func adapt(to texts: StringTensor) throws(KerasError) {
    guard texts.shape.count == 1 else { return try adapt(toBatches: [texts]) }
    try adapt(toBatches: [StringTensor(texts.elements, shape: texts.shape + [1])])
  }
}
