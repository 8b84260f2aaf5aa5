/* What report.js uses of plotly.js, which the page holds in a script of its own. */

interface PlotlyFigure {
  data: object[];
  layout: { height: number };
}

declare const Plotly: {
  newPlot(place: HTMLElement, data: object[], layout: object, config: object): Promise<HTMLElement>;
  relayout(place: HTMLElement, changes: object): Promise<HTMLElement>;
};
